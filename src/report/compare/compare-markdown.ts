import { formatDuration } from '../../issuance/duration.ts';
import { code, plain, row, tableHead } from '../markdown/markdown-text.ts';
import type { Comparison, Difference, ResultChange } from './compare.ts';
import type { PhaseChange } from './compare-phases.ts';

const messageLimit = 300;
const cellLimit = 200;
/** A pull request takes a comment of 65 536 characters; a reviewer takes less. */
const rowsPerSection = 30;

/** A comparison as GitHub Flavored Markdown for a pull request: regressions first, then other changes. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { newlyFailing, newlyPassing, slower, faster, explained, timesCompare } = comparison;
  const slowerTitle = timesCompare ? '❌ Slower' : 'Slower, on another machine';
  return `${[
    ...head(comparison),
    ...section('❌ Newly failing', newlyFailing.map(resultLine)),
    ...phaseSection(slowerTitle, slower),
    ...section('✅ Newly passing', newlyPassing.map(resultLine)),
    ...phaseSection('✅ Faster', faster),
    ...phaseSection('Other times that changed', explained),
    ...differenceSection('Versions that differ', comparison.components),
    ...differenceSection('Environment', comparison.environment),
    ...section('Notes', notes(comparison)),
  ].join('\n')}\n`;
}

function head({ regression, newlyFailing, slower, timesCompare, before, after, limits }: Comparison): string[] {
  const counts = [
    ...(newlyFailing.length === 0 ? [] : [`${newlyFailing.length} newly failing`]),
    ...(slower.length === 0 || !timesCompare ? [] : [`${slower.length} slower`]),
  ];
  const run = ({ startedAt, result }: Comparison['before']) => `${startedAt} (${result})`;
  return [
    `# Padlock: ${regression ? `❌ regression: ${counts.join(', ')}` : '✅ no regression'}`,
    '',
    `From the run of ${run(before)} to that of ${run(after)}. A phase counts as slower when it took more than ${limits.thresholdPercent} % and more than ${formatDuration(limits.floorMs)} longer (1.5 times that where its end is found by polling).`,
  ];
}

function resultLine({ scenario, check, before, after, message }: ResultChange): string {
  const what =
    scenario === null
      ? 'the environment'
      : [scenario, ...(check === null ? [] : [check])].map((id) => code(id)).join(' ');
  return `- ${what}: ${before} → ${after}. ${plain(message, messageLimit)}`;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`\n## ${title}\n`, ...limited(lines)];
}

function phaseSection(title: string, changes: readonly PhaseChange[]): string[] {
  if (changes.length === 0) return [];
  const rows = changes.map(({ scenario, phase, beforeMs, afterMs, changeMs, changePercent, why }) =>
    row(
      code(scenario),
      code(phase),
      formatDuration(beforeMs),
      formatDuration(afterMs),
      `${changeMs < 0 ? '−' : '+'}${formatDuration(Math.abs(changeMs))}${changePercent === null ? '' : ` (${signed(changePercent)} %)`}`,
      plain(why ?? '', messageLimit),
    ),
  );
  return [`\n## ${title}\n`, tableHead('Scenario', 'Phase', 'Before', 'After', 'Change', 'Note'), ...limited(rows)];
}

function differenceSection(title: string, differences: readonly Difference[]): string[] {
  if (differences.length === 0) return [];
  const cell = (value: string | null) => (value === null ? '–' : code(value, cellLimit));
  const rows = differences.map(({ name, before, after }) => row(plain(name, cellLimit), cell(before), cell(after)));
  return [`\n## ${title}\n`, tableHead('', 'Before', 'After'), ...limited(rows)];
}

function notes({ timesCompare, timings, notes: others }: Comparison): string[] {
  const took = timings.map(
    ({ name, beforeMs, afterMs }) => `${name} ${formatDuration(beforeMs)} → ${formatDuration(afterMs)}`,
  );
  return [
    ...(timesCompare
      ? []
      : ['- The two runs used different environments, so their times are not comparable and are not regressions.']),
    ...(took.length === 0 ? [] : [`- Whole runs: ${took.join(', ')}.`]),
    ...others.map((note) => `- ${plain(note, messageLimit)}`),
  ];
}

/** Rows or list items, as many as a reviewer reads. Keeps the form, so that a table stays one. */
function limited(lines: readonly string[]): readonly string[] {
  if (lines.length <= rowsPerSection) return lines;
  return [
    ...lines.slice(0, rowsPerSection),
    `\n… and ${lines.length - rowsPerSection} more, see \`padlock compare --json\`.`,
  ];
}

function signed(percent: number): string {
  return `${percent < 0 ? '−' : '+'}${Math.round(Math.abs(percent))}`;
}
