import { formatDuration } from '../../issuance/duration.ts';
import { axesOf, type MatrixReport, type MatrixRun, scenariosOf } from '../matrix-report.ts';
import { padlockMark, resultBadge } from './html-mark.ts';
import { resultPage } from './html-page.ts';
import { facts, table } from './html-table.ts';
import { html, type Markup } from './html-text.ts';
import { utcTime } from './html-time.ts';

/** A matrix as one page that needs nothing else: a row per run, which leads to the run's own page. */
export function matrixHtml(report: MatrixReport): string {
  const { result, runs, startedAt, endedAt, padlockVersion } = report;
  const axes = axesOf(report);
  const scenarios = scenariosOf(report);
  const passed = `${runs.filter((run) => run.result === 'passed').length} of ${runs.length} passed`;
  const problems = runs.filter(({ message }) => message !== null);
  return resultPage({
    result,
    title: `Padlock matrix ${result}: ${passed}, ${startedAt.slice(0, 10)}`,
    header: html`<header class="result ${result}"><div class="page">
<div class="result-line">${padlockMark(result)}<div><h1>Padlock matrix: ${result}</h1><p>The worst result of all runs.</p></div></div>
${facts(['Runs', passed], ['Ran', html`${utcTime(startedAt)} to ${utcTime(endedAt)}`], ['Padlock', padlockVersion])}
</div></header>`,
    main: html`<section aria-labelledby="runs"><h2 id="runs">Runs</h2>
${table(
  'Runs of the matrix',
  [
    { heading: 'Run' },
    ...axes.map((heading) => ({ heading })),
    { heading: 'Result' },
    ...scenarios.map((heading) => ({ heading })),
    { heading: 'Took' },
  ],
  runs.map((run, index) => [
    run.report === null
      ? `${index + 1}`
      : html`<a href="${encodeURI(run.report.replace(/report\.json$/, 'index.html'))}">${index + 1}</a>`,
    ...axes.map((axis) => run.values[axis] ?? ''),
    resultBadge(run.result),
    ...scenarios.map((id) => scenarioCell(run, id)),
    formatDuration(run.durationMs),
  ]),
)}
</section>
${problems.length === 0 ? null : html`<section aria-labelledby="problems"><h2 id="problems">Problems</h2><ul>${problems.map(({ name, message }) => html`<li><code>${name}</code>: ${message}</li>`)}</ul></section>`}`,
    source: 'matrix.json',
    padlockVersion: padlockVersion,
  });
}

function scenarioCell({ scenarios }: MatrixRun, id: string): Markup | null {
  const scenario = scenarios.find((one) => one.id === id);
  if (scenario === undefined) return null;
  const { result, notPassed } = scenario;
  return html`${resultBadge(result)}${notPassed.length === 0 ? null : html` <code>${notPassed.join(', ')}</code>`}`;
}
