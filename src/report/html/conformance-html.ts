import type { CheckResult, Conformance } from '../../acme/runner/conformance.ts';
import { bySection, countsByLevel, summaryLine } from '../../acme/runner/conformance-summary.ts';
import { formatDuration } from '../../issuance/duration.ts';
import { padlockMark, resultBadge } from './html-mark.ts';
import { resultPage } from './html-page.ts';
import { facts, table } from './html-table.ts';
import { html, type Markup } from './html-text.ts';
import { utcTime } from './html-time.ts';

const meanings: Readonly<Record<Conformance['result'], string>> = {
  passed: 'The CA satisfies every MUST that was judged.',
  failed: 'The CA violates at least one MUST.',
  partial: 'The CA satisfies every MUST that was judged, but some checks could not be judged.',
  error: 'The run ended before every check was judged.',
};

/** The page has no separate colour for a warning: it uses the colour of `partial`. */
const styles = { passed: 'passed', failed: 'failed', warned: 'partial', skipped: 'skipped' } as const;

/**
 * What `padlock ca` found, as one page that needs nothing else: no network, no script, light and dark, for a phone and for a
 * keyboard. Violations come first, then each section with every exchange, then what is not checked.
 */
export function conformanceHtml(conformance: Conformance): string {
  const { checks, groups, incompatibilities, options, problems, result, server, startedAt } = conformance;
  const notKept = checks.filter(({ verdict }) => verdict === 'failed' || verdict === 'warned');
  const missing = groups.filter(({ state }) => state !== 'implemented');
  return resultPage({
    result,
    title: `${summaryLine(conformance)}, ${startedAt.slice(0, 10)}`,
    header: html`<header class="result ${result}"><div class="page">
<div class="result-line">${padlockMark(result)}<div><h1>ACME conformance: ${result}</h1><p>${meanings[result]}</p></div></div>
${facts(
  ['Directory', options.directory],
  ['In one line', summaryLine(conformance)],
  ['Ran', html`${utcTime(startedAt)}, ${formatDuration(conformance.durationMs)}, ${conformance.requests} requests`],
  ['Challenges answered', options.answers.length === 0 ? 'none (nothing was issued)' : options.answers.join(', ')],
  ['External account', options.externalAccount ? 'yes' : 'no'],
  ['Names below', options.domain],
  ['Sections', options.only.length === 0 ? null : options.only.join(', ')],
  ['Server', server.software],
  [
    'Cleaned up',
    `${conformance.certificatesRevoked} certificates revoked, ${conformance.accountsDeactivated} accounts deactivated`,
  ],
  ['Padlock', conformance.padlockVersion],
)}
</div></header>`,
    main: html`${conformance.error === null ? null : html`<section class="failures" aria-labelledby="end"><h2 id="end">The run ended early</h2><p class="verdict">${conformance.error}</p></section>`}
${
  notKept.length === 0
    ? null
    : html`<section class="failures" aria-labelledby="not-kept"><h2 id="not-kept">Violations</h2>
${notKept.map((check) => checkCard(check, 'not-kept'))}</section>`
}
${
  incompatibilities.length === 0
    ? null
    : html`<section aria-labelledby="field"><h2 id="field">Known to break clients in practice</h2><ul>
${incompatibilities.map(({ issues, pattern, certManager, check }) => html`<li>${pattern} ${certManager} (${issues.join(', ')}; met by <code>${check}</code>)</li>`)}</ul></section>`
}
${problems.length === 0 ? null : html`<section aria-labelledby="problems"><h2 id="problems">Problems</h2><ul>${problems.map((problem) => html`<li>${problem}</li>`)}</ul></section>`}
<section aria-labelledby="levels"><h2 id="levels">By level</h2>
${table(
  'Checks by level',
  [{ heading: 'Level' }, { heading: 'Satisfied' }, { heading: 'Violated' }, { heading: 'Not judged' }],
  countsByLevel(conformance).map(({ level, kept, notKept: broken, notJudged }) => [level, kept, broken, notJudged]),
)}</section>
${bySection(checks).map(([title, own], index) => html`<section aria-labelledby="section-${index}"><h2 id="section-${index}">${title}</h2>${own.map((check) => checkCard(check, 'section'))}</section>`)}
${server.meta === null ? null : html`<section aria-labelledby="meta"><h2 id="meta">The directory's meta</h2><pre>${JSON.stringify(server.meta, null, 2)}</pre></section>`}
${missing.length === 0 ? null : html`<section aria-labelledby="missing"><h2 id="missing">Not checked, or only in part</h2><ul>${missing.map(({ number, title, missing: what }) => html`<li>${number}. ${title}${what === null ? null : html`: ${what}`}</li>`)}</ul></section>`}`,
    source: 'conformance.json',
    padlockVersion: conformance.padlockVersion,
  });
}

function checkCard(check: CheckResult, place: 'not-kept' | 'section'): Markup {
  const { id, verdict, asserts, message, level, basis, rfc, section } = check;
  const heading = html`<code>${id}</code> ${resultBadge(styles[verdict], verdict)}`;
  return html`<article class="card failure ${styles[verdict]}"><h3>${heading}</h3>
<p>${asserts} <span class="muted">RFC ${rfc} section ${section}, ${level}${basis === 'statement' ? ', stated without a keyword' : null}</span></p>
<p class="verdict">${message}</p>
${place === 'not-kept' ? null : exchangesOf(check)}</article>`;
}

function exchangesOf({ exchanges, id }: CheckResult): Markup | null {
  if (exchanges.length === 0) return null;
  return html`<details><summary>${exchanges.length} exchange${exchanges.length === 1 ? '' : 's'}<span class="for-ears"> of ${id}</span></summary>
${exchanges.map(
  ({ method, url, sent, status, headers, body, error }) => html`<pre>${method} ${url}
${sent === null ? '' : `${JSON.stringify(sent, null, 2)}\n`}
${
  error ??
  `${status}\n${Object.entries(headers)
    .flatMap(([name, values]) => values.map((value) => `${name}: ${value}`))
    .join('\n')}\n\n${body}`
}</pre>`,
)}</details>`;
}
