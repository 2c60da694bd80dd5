import { formatDuration } from '../../issuance/duration.ts';
import type { ReportResult } from '../overall-result.ts';
import { placeOfRun } from '../place-of-run.ts';
import { describeRepetitions } from '../repetitions.ts';
import type { Report, ScenarioReport } from '../report.ts';
import { countedResults } from '../result-counts.ts';
import { timeOfRun } from '../time-of-run.ts';
import { errorBlock, remedyLine } from './html-diagnosis.ts';
import { padlockMark, resultBadge } from './html-mark.ts';
import { scenarioAnchor } from './html-scenario.ts';
import { facts } from './html-table.ts';
import { html, type Markup } from './html-text.ts';
import { utcTime } from './html-time.ts';

const meanings: Readonly<Record<ReportResult, string>> = {
  passed: 'Every check of every scenario passed.',
  failed: 'At least one check failed.',
  partial: 'Nothing failed, but some scenarios or checks did not run.',
  error: 'The environment or a scenario ended early and could not be judged.',
};

/** The result at the top: the padlock, the word, how much was tried, how long it took, and on what. */
export function resultHeader(report: Report): Markup {
  const { result, scenarios, startedAt, endedAt, padlock } = report;
  const checks = scenarios.flatMap((scenario) => scenario.checks);
  return html`<header class="result ${result}"><div class="page">
<div class="result-line">${padlockMark(result)}<div><h1>Padlock: ${result}</h1><p>${meanings[result]}</p></div></div>
${facts(
  ['Scenarios', countedResults('scenario', scenarios)],
  ['Checks', countedResults('check', checks)],
  ['Took', timeOfRun(report)],
  ['Ran', html`${utcTime(startedAt)} to ${utcTime(endedAt)}`],
  ['On', placeOfRun(report)],
  ['Padlock', padlock.version],
  ['Shard', report.shard === null ? null : `${report.shard.index} of ${report.shard.count}`],
)}
</div></header>`;
}

/** The failures, at the top of the page: the verdict and the remedy; null if nothing failed. */
export function failureSummary({ error, scenarios }: Report): Markup | null {
  const failures = scenarios.filter(({ result }) => result === 'failed' || result === 'error');
  if (error === undefined && failures.length === 0) return null;
  return html`<section class="failures" aria-labelledby="failures"><h2 id="failures">What failed</h2>
${error === undefined ? null : html`<article class="card failure error"><h3>The environment ${resultBadge('error')}</h3>${errorBlock(error)}</article>`}
${failures.map(failure)}</section>`;
}

function failure(scenario: ScenarioReport): Markup {
  const { id, title, result, diagnosis, repetitions } = scenario;
  return html`<article class="card failure ${result}"><h3><a href="#${scenarioAnchor(id)}">${title}</a> ${resultBadge(result)}</h3>
${repetitions === undefined ? null : html`<p>Repeated; ${describeRepetitions(repetitions)}.</p>`}
${diagnosis === null ? reasons(scenario) : html`<p class="verdict">${diagnosis.verdict}</p>${diagnosis.remedy === null ? null : remedyLine(diagnosis.remedy)}`}
</article>`;
}

/** Without a diagnosis, the messages of the checks and the scenario. */
function reasons({ checks, error }: ScenarioReport): Markup {
  const failed = checks.filter(({ result }) => result === 'failed');
  return html`${error === undefined ? null : html`<p class="verdict">${error.message}</p>`}
${failed.map(({ id, message }) => html`<p><code>${id}</code>: ${message}</p>`)}`;
}

/** The skipped checks and scenarios that make a run partial, with reasons; null if there are none. */
export function skippedSummary({ scenarios }: Report): Markup | null {
  const skipped = scenarios.flatMap((scenario) => {
    const checks = scenario.checks.filter(({ result, notApplicable }) => result === 'skipped' && !notApplicable);
    return scenario.result === 'skipped' || checks.length > 0 ? [{ scenario, checks }] : [];
  });
  if (skipped.length === 0) return null;
  const items = skipped.map(
    ({ scenario, checks }) =>
      html`<li><a href="#${scenarioAnchor(scenario.id)}">${scenario.title}</a>${howSkipped(scenario)}
${checks.length === 0 ? null : html`<ul>${checks.map(({ id, message }) => html`<li><code>${id}</code>: ${message}</li>`)}</ul>`}</li>`,
  );
  return html`<section class="card" aria-labelledby="skipped"><h2 id="skipped">What was skipped</h2><ul>${items}</ul></section>`;
}

function howSkipped({ result, notApplicable }: ScenarioReport): string | null {
  if (notApplicable !== undefined) return ` is not applicable, because: ${notApplicable}`;
  return result === 'skipped' ? ' was skipped' : null;
}

/** The scenarios with their results, as the page's navigation. */
export function scenarioNavigation({ scenarios }: Report): Markup {
  const items = scenarios.map(
    ({
      id,
      title,
      result,
      durationMs,
      checks,
    }) => html`<li><a href="#${scenarioAnchor(id)}"><span class="nav-title">${title}</span>
${resultBadge(result)}<span class="muted">${countedResults('check', checks)}, ${formatDuration(durationMs)}</span></a></li>`,
  );
  const list = items.length === 0 ? html`<p class="muted">No scenario ran.</p>` : html`<ul>${items}</ul>`;
  return html`<nav aria-labelledby="scenarios"><h2 id="scenarios">Scenarios</h2>${list}
<p class="muted">Further down: <a href="#environment">environment and versions</a>, <a href="#files">files of this report</a></p></nav>`;
}
