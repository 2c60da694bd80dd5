import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDuration } from '../src/issuance/duration.ts';
import { loadMarkdown } from '../src/load/load-markdown.ts';
import type { LoadReport } from '../src/load/load-report.ts';
import { concurrentChallenges, ownWaitsMs } from '../src/load/next-limit.ts';
import { loadReportName, parseLoad } from '../src/load/read-load.ts';

const docs = join(import.meta.dirname, '..', 'docs');
const folder = join(docs, 'scale');
export const scalePage = join(docs, 'scale.md');

/** The folders of measured loads that have their recording, too, so that `padlock verify` can judge them. */
export async function recordedLoads(): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}

/** The measured loads, the smallest first, those of one solver together. */
export async function measuredLoads(): Promise<readonly LoadReport[]> {
  const alone = (await readdir(folder)).filter((name) => name.endsWith('.json')).map((name) => join(folder, name));
  const recorded = (await recordedLoads()).map((one) => join(one, loadReportName));
  const loads = await Promise.all(
    [...alone, ...recorded].map(async (file) => parseLoad(await readFile(file, 'utf8'), file)),
  );
  return loads.toSorted(
    (one, other) =>
      other.shape.solver.localeCompare(one.shape.solver) || one.shape.certificates - other.shape.certificates,
  );
}

/** docs/scale.md. */
export function scaleMarkdown(loads: readonly LoadReport[]): string {
  return `${[
    '# How many certificates',
    '',
    'Generated from the reports in [scale](scale) by `node scripts/write-scale.ts`. Each comes from `padlock load` on a cell of this version;',
    "`padlock load --help` lists what can be asked for, and the report's page shows CPU and memory over time. `padlock verify docs/scale/LOAD`",
    'derives the report of a load anew where its folder has the recording.',
    '',
    'Two figures depend on the machine: durations, and what CPU is left for them. Counts, bytes and CPU time per certificate depend on the',
    "versions alone. Where the machine's cores were busy all the time, the durations are those of that machine and of nothing else.",
    '',
    ...loads.flatMap((load) => [
      `## ${load.shape.certificates} certificates by ${load.shape.solver}`,
      '',
      `On ${load.startedAt.slice(0, 10)}, ${load.machine.cpus} cores, ${Math.round(load.machine.memoryBytes / 2 ** 30)} GiB, busy for ${load.machineBusy === null ? 'an unknown share' : `${Math.round(load.machineBusy * 100)} %`} of the time${load.machine.timeScale === 1 ? '' : ` and ${load.machine.timeScale} times slower than an ordinary machine, as other work ran beside it`}.`,
      '',
      loadMarkdown(load).trimEnd(),
      '',
    ]),
    ...model(loads),
  ].join('\n')}\n`;
}

const sizes = [1_000, 10_000, 100_000] as const;
const renewedAfterDays = 60;

/** What the slopes of the largest load by ACME say about more certificates than one machine can try. */
function model(loads: readonly LoadReport[]): string[] {
  const largest = loads.findLast(({ shape }) => shape.solver === 'http01');
  if (largest === undefined) return [];
  const { perCertificate: per, parts, shape } = largest;
  const gateway = parts.find(({ part }) => part === 'gateway')?.memoryGrowth.perUnit ?? null;
  const controller = parts.find(({ part }) => part === 'cert-manager controller')?.cpuSecondsPerCertificate ?? null;
  const count = (value: number) => value.toLocaleString('en');
  const known = (value: number | null, text: (value: number) => string) => (value === null ? 'unknown' : text(value));
  const rows = sizes.map((size) => [
    count(size),
    formatDuration(Math.ceil(size / concurrentChallenges) * ownWaitsMs),
    known(per.cpuSeconds, (seconds) => `${((seconds * size) / 3_600).toFixed(1)} h`),
    known(controller, (seconds) => formatDuration(seconds * size * 1_000)),
    known(gateway, (bytes) => `${((bytes * size) / 2 ** 30).toFixed(1)} GiB`),
    known(per.apiRequests, (requests) => count(Math.round(requests * size))),
    known(per.caRequests, (requests) => count(Math.round(requests * size))),
    count(Math.ceil(size / renewedAfterDays)),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const headings = [
    ...[
      'Certificates',
      "cert-manager's least time for all at once",
      'CPU of all parts',
      "of that cert-manager's controller",
    ],
    ...[
      'memory that they add to a gateway',
      'API requests',
      'requests to the CA',
      `renewals a day, one in ${renewedAfterDays} days`,
    ],
  ];
  return [
    '## Beyond one machine',
    '',
    `A calculation and no measurement: the costs of one certificate, as measured with ${shape.certificates} by HTTP-01, times the number, as if each cost the`,
    'same. A quickening growth above would make it worse, and a larger machine changes no count and no byte.',
    '',
    line(headings),
    line(headings.map(() => '---')),
    ...rows.map(line),
    '',
    'What follows from it:',
    '',
    "- What 10,000 add to one gateway is more than the 1 GiB that Istio's chart allows it: several gateways must share the hosts, each with the Secrets of its own.",
    `- All at once, ${count(10_000)} certificates by HTTP-01 take cert-manager at least ${formatDuration(Math.ceil(10_000 / concurrentChallenges) * ownWaitsMs)}, whatever the machine: renewals must be spread, and a CA that is away for a day`,
    '  must not be followed by all renewals at once. `--max-concurrent-challenges` raises the limit, and with it the solver Pods at once.',
    '- Several clusters share nothing but the CA: its rate limits are then what is shared.',
  ];
}
