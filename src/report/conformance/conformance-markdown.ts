import type { CheckResult, Conformance } from '../../acme/runner/conformance.ts';
import { countsByLevel, summaryLine } from '../../acme/runner/conformance-summary.ts';
import { changeInWords } from '../../acme/runner/expectations.ts';
import { claimedInWords } from '../../acme/runner/feature-statistics.ts';
import { formatDuration } from '../../issuance/duration.ts';
import { code, plain, row, tableHead } from '../markdown/markdown-text.ts';
import { fitted } from '../markdown/summary-limit.ts';

const messageLimit = 500;

const resultText: Readonly<Record<Conformance['result'], string>> = {
  passed: '✅ passed',
  failed: '❌ failed',
  error: '⛔ error',
  partial: '⚠️ partial',
};

/** What `padlock ca` found, for a reviewer with one minute, as GitHub Flavored Markdown: what must be looked at comes first. */
export function conformanceMarkdown(conformance: Conformance): string {
  const { gate, problems, error, checks } = conformance;
  const of = (wanted: CheckResult['verdict']) => checks.filter(({ verdict }) => verdict === wanted);
  return fitted([
    ...head(conformance),
    ...(error === null ? [] : ['\n## ⛔ The run ended early', `\n${plain(error)}`]),
    ...list(
      'Read this first',
      problems.map((problem) => plain(problem, messageLimit)),
    ),
    ...(gate === null || gate === undefined
      ? []
      : list(
          '❌ Not as expected',
          gate.changes.map((change) => plain(changeInWords(change), messageLimit)),
        )),
    ...findings('❌ Violated', of('failed'), conformance),
    ...findings('⚠️ Warnings', of('warned'), conformance),
    ...levelTable(conformance),
    ...featureTable(conformance),
  ]);
}

function head(conformance: Conformance): string[] {
  const { result, options, declaration, gate, startedAt, durationMs, requests, padlockVersion } = conformance;
  const implementation = declaration?.implementation;
  const who =
    implementation === undefined || declaration?.mode === undefined
      ? code(options.directory)
      : `${plain(`${implementation.organization} ${implementation.project} ${implementation.version}`)}, mode ${plain(declaration.mode)}, at ${code(options.directory)}`;
  const expected =
    gate === null || gate === undefined
      ? ''
      : gate.result === 'unchanged'
        ? ` As expected, with ${gate.known.length} known deviation${gate.known.length === 1 ? '' : 's'}.`
        : ` Not as expected: ${gate.changes.length} verdict${gate.changes.length === 1 ? '' : 's'}.`;
  return [
    `# ACME conformance: ${resultText[result]}`,
    '',
    `${who}. ${plain(summaryLine(conformance))}.${expected}`,
    '',
    `With Padlock ${plain(padlockVersion)}, from ${startedAt}, in ${formatDuration(durationMs)} and ${requests} requests.`,
  ];
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`\n## ${title}\n`, ...lines.map((line) => `- ${line}`)];
}

function findings(title: string, checks: readonly CheckResult[], { gate }: Conformance): string[] {
  if (checks.length === 0) return [];
  const isGated = gate !== null && gate !== undefined;
  const rows = checks.map(({ id, rfc, section, level, message }) => {
    const known = gate?.known.find(({ check }) => check === id);
    return row(
      code(id),
      `[RFC ${rfc} ${section}](https://www.rfc-editor.org/rfc/rfc${rfc}#section-${section})`,
      level,
      plain(message, messageLimit),
      ...(isGated
        ? [
            known === undefined
              ? 'new'
              : plain(`${known.reason} (${known.issue}, until ${known.expires})`, messageLimit),
          ]
        : []),
    );
  });
  return [`\n## ${title}\n`, tableHead('Check', 'Section', 'Level', 'Seen', ...(isGated ? ['Expected'] : [])), ...rows];
}

function levelTable(conformance: Conformance): string[] {
  const rows = countsByLevel(conformance).map(({ level, kept, notKept, notJudged }) =>
    row(level, String(kept), String(notKept), String(notJudged)),
  );
  return rows.length === 0
    ? []
    : ['\n## By level\n', tableHead('Level', 'Satisfied', 'Violated', 'Not judged'), ...rows];
}

function featureTable({ features = [] }: Conformance): string[] {
  if (features.length === 0) return [];
  const rows = features.map(({ name, claimed, passed, failed, warned, skipped }) =>
    row(code(name), claimedInWords(claimed), ...[passed, failed, warned, skipped].map(String)),
  );
  return ['\n## By feature\n', tableHead('Feature', 'Claimed', 'Passed', 'Failed', 'Warned', 'Not judged'), ...rows];
}
