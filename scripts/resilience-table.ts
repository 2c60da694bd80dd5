import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { diagnose } from '../src/diagnosis/diagnose.ts';
import type { Evidence } from '../src/evidence/evidence.ts';
import { formatDuration } from '../src/issuance/duration.ts';
import { recoveryOf } from '../src/issuance/recovery.ts';
import { readEvidence } from '../src/report/folder/read-evidence.ts';
import { suites } from '../suites/index.ts';

const root = join(import.meta.dirname, '..');
const recordedFile = join(root, 'suites', 'resilience', 'recoveries.json');
export const resiliencePage = join(root, 'docs', 'resilience.md');

const recoverySchema = z.strictObject({
  failure: z.string(),
  lastedS: z.number(),
  /** From the end of the failure; null if nothing was renewed, 0 if it was renewed before. */
  recoveredAfterS: z.number().nullable(),
  kind: z.enum(['by-itself', 'after-back-off', 'by-a-person', 'not']),
  cure: z.string().nullable(),
  handshakes: z.int(),
  failedHandshakes: z.int(),
  longestOutageS: z.number(),
  caRequests: z.int().nullable(),
  said: z.string().nullable(),
  /** What the diagnosis says of what was known when the failure ended. */
  diagnosis: z.strictObject({ rule: z.string(), verdict: z.string() }),
});

const recordedSchema = z.strictObject({
  recoveries: z.record(
    z.string(),
    recoverySchema.extend({
      /** Where and beside what it was seen, one sentence. */
      seenOn: z.string(),
    }),
  ),
});
export type RecordedRecoveries = z.infer<typeof recordedSchema>;
export type RecordedRecovery = z.infer<typeof recoverySchema>;

/** What was seen last, by the id of the failure. */
export async function recordedRecoveries(): Promise<RecordedRecoveries> {
  return recordedSchema.parse(JSON.parse(await readFile(recordedFile, 'utf8')));
}

/** The recoveries of a report's folder, by the id of the failure. */
export async function recoveriesOfReport(report: string): Promise<ReadonlyMap<string, RecordedRecovery>> {
  const folder = join(report, 'evidence');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  const evidences = await Promise.all(names.map((name) => readEvidence(join(folder, name))));
  return new Map(
    evidences.flatMap((evidence) => {
      const recovery = recorded(evidence);
      return recovery === null ? [] : [[evidence.scenario.id, recovery] as const];
    }),
  );
}

/** Keeps what is new in reports beside what was recorded before, and writes the page anew. */
export async function writeRecoveries(seenOn: string, reports: readonly string[]): Promise<void> {
  const before = await recordedRecoveries().catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return { recoveries: {} };
    throw error;
  });
  const read = await Promise.all(reports.map(recoveriesOfReport));
  const seen = read.flatMap((one) => [...one].map(([id, recovery]) => [id, { ...recovery, seenOn }] as const));
  const recoveries = Object.fromEntries(
    [...new Map([...Object.entries(before.recoveries), ...seen])].toSorted(([one], [other]) =>
      one.localeCompare(other),
    ),
  );
  const all = { recoveries };
  await writeFile(recordedFile, `${JSON.stringify(all, null, 2)}\n`);
  await writeFile(resiliencePage, resilienceMarkdown(all));
}

/** @returns null for evidence of another suite */
export function recorded(evidence: Evidence): RecordedRecovery | null {
  const recovery = recoveryOf(evidence);
  if (recovery === null) return null;
  const { failure, beganAt, endedAt, afterEndMs, longestOutageMs } = recovery;
  const { handshakes, failedHandshakes, caRequests, said, kind, cure } = recovery;
  const seconds = (ms: number) => Math.round(ms / 100) / 10;
  const { rule, verdict } = diagnose(evidenceUntil(evidence, lookedAt(evidence, endedAt)));
  return {
    failure,
    lastedS: seconds(Date.parse(endedAt) - Date.parse(beganAt)),
    recoveredAfterS: afterEndMs === null ? null : seconds(afterEndMs),
    ...{ kind, cure, handshakes, failedHandshakes, caRequests, longestOutageS: seconds(longestOutageMs) },
    said: said && generalized(said, evidence),
    diagnosis: { rule, verdict: generalized(verdict, evidence) },
  };
}

/** When the scenario last looked for its diagnosis while the failure lasted: what ends a failure waits until its part is back. */
function lookedAt({ probes, objects }: Evidence, endedAt: string): string {
  const looks = [
    ...probes.filter(({ name }) => name.startsWith('diagnosis-')).map(({ at }) => at),
    ...objects.filter(({ kind }) => kind === 'Deployment').flatMap(({ states }) => states.map(({ at }) => at)),
  ];
  return (
    looks
      .filter((at) => at <= endedAt)
      .toSorted()
      .at(-1) ?? endedAt
  );
}

/** The evidence as it was at a moment: the series, which end later, are left out. */
function evidenceUntil(evidence: Evidence, at: string): Evidence {
  return {
    ...evidence,
    objects: evidence.objects.flatMap((history) => {
      const [first, ...others] = history.states.filter((state) => state.at <= at);
      return first === undefined ? [] : [{ ...history, states: [first, ...others] }];
    }),
    actions: evidence.actions.filter((action) => action.at <= at),
    probes: evidence.probes.filter(
      (probe) => probe.at <= at && !['tls-series', 'open-connection'].includes(probe.kind),
    ),
    accessLog: evidence.accessLog.filter((entry) => entry.at <= at),
  };
}

/** Without what is different in each run. */
function generalized(text: string, { subject }: Evidence): string {
  return text
    .replaceAll(subject.host, 'HOST')
    .replaceAll(subject.host.split('.')[0] ?? subject.host, 'NAMESPACE')
    .replaceAll(/\b\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME')
    .replaceAll(/[A-Za-z0-9_-]{30,}/g, 'TOKEN')
    .replaceAll(/\b10\.231\.\d+\.\d+\b/g, 'ADDRESS')
    .slice(0, 400);
}

function recoveryWords({ kind, recoveredAfterS, cure }: RecordedRecovery): string {
  if (recoveredAfterS === null) return '**no**, not while it was watched';
  const after = `${formatDuration(recoveredAfterS * 1_000)} after its end`;
  switch (kind) {
    case 'by-itself':
      return recoveredAfterS === 0 ? 'yes, while it lasted' : `yes, ${after}`;
    case 'after-back-off':
      return `**an hour later**: cert-manager gave it up; asked for again by hand, it was renewed ${after}`;
    default:
      return `**no**: it needed a person (${cure ?? 'unknown'})`;
  }
}

/** Each sentence about where it was seen once, with the failures that it is about. */
function seenWhere(recoveries: RecordedRecoveries['recoveries']): string[] {
  const places = Map.groupBy(Object.entries(recoveries), ([, { seenOn }]) => seenOn);
  if (places.size === 1) return [...places.keys()];
  return [...places].map(([seenOn, seen]) => `- ${seen.map(([id]) => `\`${id}\``).join(', ')}: ${seenOn}`);
}

/** docs/resilience.md. */
export function resilienceMarkdown({ recoveries }: RecordedRecoveries): string {
  const rows = Object.values(recoveries).map((one) => {
    const [, id = '', link = '', title = ''] = /^(\S+) \((\S+)\): (.*)$/s.exec(one.failure) ?? [];
    const recovers = recoveryWords(one);
    const served =
      one.failedHandshakes === 0
        ? `all ${one.handshakes}`
        : `${one.failedHandshakes} of ${one.handshakes} failed, for ${formatDuration(one.longestOutageS * 1_000)} at the longest`;
    return [
      `\`${id}\`: ${title}`,
      link,
      formatDuration(one.lastedS * 1_000),
      recovers,
      served,
      one.caRequests === null ? 'unknown' : String(one.caRequests),
      one.said ?? 'nothing in its Order or Challenge',
      `\`${one.diagnosis.rule}\`: ${one.diagnosis.verdict}`,
    ];
  });
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').replaceAll('<', '&lt;')).join(' | ')} |`;
  const unseen = (suites.resilience ?? []).flatMap(({ id }) => (id in recoveries ? [] : [id]));
  const headings = [
    ...['Failure', 'Link', 'Lasted', 'Recovers by itself', 'Handshakes meanwhile', 'Requests to the CA'],
    ...['cert-manager said', 'The diagnosis said when it ended'],
  ];
  return `${[
    '# What fails, and how an issuance recovers',
    '',
    'A certificate is served through the ingress gateway and then renewed by HTTP-01. During the renewal, a part fails for a while and comes',
    'back; nobody does anything else. A client connects every 50 ms all along, and must be served the old certificate until the new one is',
    'there. *Requests to the CA* counts from the beginning of the failure to the renewal; a renewal without a failure takes about ten.',
    '',
    'A busy machine connects less often than every 50 ms; the table has how many connections there were.',
    '',
    'cert-manager tries most things again by itself. What it does not try again soon is a validation that the CA has given up: then the Order is',
    'invalid, and the next one comes an hour later at the earliest, and later after each further failure (`lastFailureTime` and',
    '`failedIssuanceAttempts` of the Certificate). `cmctl renew` asks for it at once.',
    '',
    ...seenWhere(recoveries),
    '',
    'The times depend on the machine; whether it recovers does not. `padlock run resilience` makes the report, `padlock verify` judges its evidence',
    'again, and `node scripts/write-resilience.ts SENTENCE REPORT...` writes this page from it. To see what another version of Istio or',
    'cert-manager changes, run it with both: `node scripts/compare-resilience.ts BEFORE AFTER` shows what is different.',
    '',
    line(headings),
    line(headings.map(() => '---')),
    ...rows.map(line),
    ...(unseen.length === 0 ? [] : ['', `Not recorded yet: ${unseen.map((id) => `\`${id}\``).join(', ')}.`]),
  ].join('\n')}\n`;
}
