import { formatDuration } from '../../issuance/duration.ts';
import { axesOf, type MatrixReport, type MatrixRun, scenariosOf } from '../matrix-report.ts';
import { plain, row, tableHead } from './markdown-text.ts';

const marks = { passed: '✅', failed: '❌', error: '⛔', partial: '⚠️', skipped: '⏭️' } as const;

/** A matrix as one table of GitHub Flavored Markdown: a row per run, a column per option and scenario. */
export function matrixMarkdown(report: MatrixReport): string {
  const axes = axesOf(report);
  const scenarios = scenariosOf(report);
  const passed = report.runs.filter(({ result }) => result === 'passed').length;
  const rows = report.runs.map((run) =>
    row(
      ...axes.map((axis) => plain(run.values[axis] ?? '')),
      `${marks[run.result]} ${run.report === null ? run.result : `[${run.result}](${encodeURI(run.report.replace(/report\.json$/, 'summary.md'))})`}`,
      ...scenarios.map((id) => scenarioCell(run, id)),
      formatDuration(run.durationMs),
    ),
  );
  const messages = report.runs.flatMap(({ name, message }) =>
    message === null ? [] : [`- ${plain(name)}: ${plain(message)}`],
  );
  return [
    `## ${marks[report.result]} Padlock matrix: ${report.result}`,
    '',
    `${passed} of ${report.runs.length} runs passed, ${report.startedAt.slice(0, 10)}, Padlock ${plain(report.padlockVersion)}.`,
    '',
    tableHead(...axes.map((axis) => plain(axis)), 'result', ...scenarios.map((id) => plain(id)), 'took'),
    ...rows,
    ...(messages.length === 0 ? [] : ['', '### Problems', '', ...messages]),
    '',
  ].join('\n');
}

function scenarioCell({ scenarios }: MatrixRun, id: string): string {
  const scenario = scenarios.find((one) => one.id === id);
  if (scenario === undefined) return '';
  const { result, notPassed } = scenario;
  return notPassed.length === 0
    ? marks[result]
    : `${marks[result]} ${notPassed.map((check) => plain(check)).join(', ')}`;
}
