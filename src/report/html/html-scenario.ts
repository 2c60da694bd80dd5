import { formatDuration } from '../../issuance/duration.ts';
import { describeRepetitions } from '../repetitions.ts';
import type { ScenarioReport } from '../report.ts';
import { countedResults } from '../result-counts.ts';
import { browserBlock } from './html-browser.ts';
import { chainDrawing } from './html-chain.ts';
import { checkList } from './html-checks.ts';
import { diagnosisBlock, errorBlock } from './html-diagnosis.ts';
import { resultBadge } from './html-mark.ts';
import { phaseTable } from './html-phases.ts';
import { requestTable } from './html-requests.ts';
import { facts, settingsList } from './html-table.ts';
import { html, type Markup } from './html-text.ts';
import { utcTime } from './html-time.ts';
import { waterfall } from './html-waterfall.ts';

/** The anchor of a scenario's section. */
export function scenarioAnchor(id: string): string {
  return `scenario-${id}`;
}

/**
 * The section of one scenario: its purpose, the cause of a failure, and all evidence, folded.
 *
 * @param pictures PNG bytes by the path that the report names
 * @param open whether the evidence is unfolded initially
 */
export function scenarioSection(
  scenario: ScenarioReport,
  pictures: ReadonlyMap<string, Buffer>,
  open: boolean,
): Markup {
  const { id, title, result, why, error, diagnosis, checks } = scenario;
  const anchor = scenarioAnchor(id);
  return html`<section class="card scenario ${result}" id="${anchor}" aria-labelledby="${anchor}-title">
<div class="card-head"><h2 id="${anchor}-title">${title}</h2>${resultBadge(result)}</div>
<p class="why">${why}</p>
${scenarioFacts(scenario)}
${error === undefined ? null : errorBlock(error)}
${diagnosis === null ? null : diagnosisBlock(diagnosis)}
${open ? opened : folded}<summary>What was seen <span class="muted">${countedResults('check', checks)}</span></summary>
${parts(scenario, pictures)}
</details>
<p class="back"><a href="#scenarios">All scenarios<span class="for-ears"> (from ${id})</span></a></p>
</section>`;
}

const opened = html`<details class="seen" open>`;
const folded = html`<details class="seen">`;

function scenarioFacts({
  id,
  environment,
  host,
  expectation,
  startedAt,
  durationMs,
  settings,
  repetitions,
  evidence,
  evidenceSha256,
}: ScenarioReport): Markup {
  return facts(
    ['Id', html`<code>${id}</code>`],
    ['Environment', environment ?? null],
    ['Host', html`<code>${host}</code>`],
    ['Expected', expectation ?? null],
    ['Started', utcTime(startedAt)],
    ['Took', formatDuration(durationMs)],
    ['Repetitions', repetitions === undefined ? null : describeRepetitions(repetitions)],
    ['Settings', settingsList(settings)],
    [
      'Evidence',
      evidence === null
        ? 'none was recorded'
        : html`<a href="${evidence}">${evidence}</a>, SHA-256 <code>${evidenceSha256}</code>`,
    ],
  );
}

function parts(scenario: ScenarioReport, pictures: ReadonlyMap<string, Buffer>): Markup {
  return html`<h3>Checks</h3>${checkList(scenario.checks)}
<h3>The issuance</h3>${waterfall(scenario)}
<h3>Phases</h3>${phaseTable(scenario)}
<h3>Requests for the challenge path</h3>${requestTable(scenario)}
<h3>The chain</h3>${chainDrawing(scenario)}
<h3>The browser</h3>${scenario.browser === null ? html`<p class="muted">No browser was used.</p>` : browserBlock(scenario.browser, pictures)}
${scenario.logs.length === 0 ? null : html`<h3>Logs</h3>${scenario.logs.map((log) => logBlock(scenario.id, log))}`}`;
}

function logBlock(id: string, { source, lines }: ScenarioReport['logs'][number]): Markup {
  return html`<details open><summary><code>${source}</code> <span class="muted">${lines.length} ${lines.length === 1 ? 'line' : 'lines'}</span></summary>
<pre class="log" role="region" aria-label="Log of ${source} in ${id}" tabindex="0">${lines.map((line) => html`<span>${line}</span>`)}</pre></details>`;
}
