import { formatDuration } from './duration.ts';
import { iconUri, padlockMark, resultBadge } from './html-mark.ts';
import { styleSheet, styleSheetHash } from './html-style.ts';
import { facts, table } from './html-table.ts';
import { html, type Markup, trusted } from './html-text.ts';
import { utcTime } from './html-time.ts';
import { axesOf, type MatrixReport, type MatrixRun, scenariosOf } from './matrix-report.ts';

const contentSecurityPolicy = `default-src 'none'; style-src '${styleSheetHash}'; img-src data:; base-uri 'none'; form-action 'none'`;

/** A matrix as one page that needs nothing else: a row per run, which leads to the run's own page. */
export function matrixHtml(report: MatrixReport): string {
  const { result, runs, startedAt, endedAt, padlockVersion } = report;
  const axes = axesOf(report);
  const scenarios = scenariosOf(report);
  const passed = `${runs.filter((run) => run.result === 'passed').length} of ${runs.length} passed`;
  const problems = runs.filter(({ message }) => message !== null);
  const page = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(contentSecurityPolicy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Padlock matrix ${result}: ${passed}, ${startedAt.slice(0, 10)}</title>
<link rel="icon" href="${iconUri(result)}">
<style>${trusted(styleSheet)}</style>
</head>
<body id="top">
<a class="skip" href="#main">Skip to the report</a>
<header class="result ${result}"><div class="page">
<div class="result-line">${padlockMark(result)}<div><h1>Padlock matrix: ${result}</h1><p>The gravest result of all runs.</p></div></div>
${facts(['Runs', passed], ['Ran', html`${utcTime(startedAt)} to ${utcTime(endedAt)}`], ['Padlock', padlockVersion])}
</div></header>
<main id="main" tabindex="-1" class="page">
<section aria-labelledby="runs"><h2 id="runs">Runs</h2>
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
${problems.length === 0 ? null : html`<section aria-labelledby="problems"><h2 id="problems">Problems</h2><ul>${problems.map(({ name, message }) => html`<li><code>${name}</code>: ${message}</li>`)}</ul></section>`}
</main>
<footer class="page"><p class="muted">Made by Padlock ${padlockVersion} from matrix.json. <a href="#top">To the top</a></p></footer>
</body>
</html>
`;
  return page.toString();
}

function scenarioCell({ scenarios }: MatrixRun, id: string): Markup | null {
  const scenario = scenarios.find((one) => one.id === id);
  if (scenario === undefined) return null;
  const { result, notPassed } = scenario;
  return html`${resultBadge(result)}${notPassed.length === 0 ? null : html` <code>${notPassed.join(', ')}</code>`}`;
}
