import type { CheckResult, Conformance, ReportedExchange } from '../../acme/runner/conformance.ts';
import { bySection, countsByLevel, summaryLine } from '../../acme/runner/conformance-summary.ts';
import { changeInWords } from '../../acme/runner/expectations.ts';
import { claimedInWords } from '../../acme/runner/feature-statistics.ts';
import { clientsInWords } from '../../acme/runner/field-incompatibilities.ts';
import { formatDuration } from '../../issuance/duration.ts';
import { padlockMark, resultBadge } from './html-mark.ts';
import { resultPage } from './html-page.ts';
import { facts, sentences, table } from './html-table.ts';
import { html, type Markup } from './html-text.ts';
import { utcTime } from './html-time.ts';

const meanings: Readonly<Record<Conformance['result'], string>> = {
  passed: 'The CA satisfies every MUST that was judged.',
  failed: 'The CA violates at least one MUST.',
  partial: 'The CA satisfies every MUST that was judged, but some checks could not be judged.',
  error: 'The run ended before every check was judged.',
};

/** The page has no separate colour for a warning: it uses the colour of `partial`. */
const styles = {
  passed: 'passed',
  failed: 'failed',
  warned: 'partial',
  skipped: 'skipped',
  'not-claimed': 'skipped',
} as const;

/**
 * What `padlock ca` found, as one page that needs nothing else: no network, no script, light and dark, for a phone and for a
 * keyboard. Violations come first, then the contents by section, each section, and every exchange.
 */
export function conformanceHtml(conformance: Conformance): string {
  const { checks, groups, incompatibilities, options, problems, result, server, startedAt, cleanUp } = conformance;
  const violations = checks.filter(({ verdict }) => verdict === 'failed');
  const warnings = checks.filter(({ verdict }) => verdict === 'warned');
  const missing = groups.filter(({ state }) => state !== 'implemented');
  const sections = bySection(checks);
  return resultPage({
    result,
    title: `${summaryLine(conformance)}, ${startedAt.slice(0, 10)}`,
    header: html`<header class="result ${result}"><div class="page">
<div class="result-line">${padlockMark(result)}<div><h1>ACME conformance: ${result}</h1><p>${meanings[result]}</p></div></div>
${facts(
  ...implementationFacts(conformance),
  ['Directory', options.directory],
  ['In one line', summaryLine(conformance)],
  ['Expected', gateInWords(conformance)],
  ['Ran', html`${utcTime(startedAt)}, ${formatDuration(conformance.durationMs)}, ${conformance.requests} requests`],
  ['Challenges answered', options.answers.length === 0 ? 'none' : options.answers.join(', ')],
  ['External account', options.externalAccount ? 'yes' : 'no'],
  ['Names below', options.domain],
  ['Sections', options.only.length === 0 ? null : options.only.join(', ')],
  ['Server', server.software],
  ['Cleaned up', cleanUpInWords(conformance)],
  ['Padlock', conformance.padlockVersion],
)}
</div></header>`,
    main: html`${contentsNav(conformance)}
${conformance.error === null ? null : html`<section class="failures" aria-labelledby="end"><h2 id="end">The run ended early</h2><p class="verdict">${conformance.error}</p></section>`}
${problems.length === 0 ? null : html`<section aria-labelledby="problems"><h2 id="problems">Read this first</h2>${sentences(problems)}</section>`}
${changesSection(conformance)}
${
  violations.length === 0
    ? null
    : html`<section class="failures" aria-labelledby="violations"><h2 id="violations">Violations</h2>
${violations.map((check) => checkCard(check, conformance))}</section>`
}
<section aria-labelledby="levels"><h2 id="levels">By level</h2>
${table(
  'Checks by level',
  [{ heading: 'Level' }, { heading: 'Satisfied' }, { heading: 'Violated' }, { heading: 'Not judged' }],
  countsByLevel(conformance).map(({ level, kept, notKept: broken, notJudged }) => [level, kept, broken, notJudged]),
)}</section>
${featuresSection(conformance)}
${
  warnings.length === 0
    ? null
    : html`<section aria-labelledby="warnings"><h2 id="warnings">Warnings</h2>
${warnings.map((check) => checkCard(check, conformance))}</section>`
}
${
  incompatibilities.length === 0
    ? null
    : html`<section aria-labelledby="field"><h2 id="field">Known to break clients in practice</h2><ul>
${incompatibilities.map(({ issues, pattern, certManager, clients, check }) => html`<li>${pattern} cert-manager: ${certManager} ${clientsInWords(clients)} (${issues.join(', ')}; met by <code>${check}</code>)</li>`)}</ul></section>`
}
${
  sections.length === 0
    ? null
    : html`<section aria-labelledby="checks"><h2 id="checks">Every check, by section</h2>
${sections.map(([title, own]) => sectionMarkup(title, own))}</section>`
}
${server.meta === null ? null : html`<section aria-labelledby="meta"><h2 id="meta">The directory's meta</h2><pre>${JSON.stringify(server.meta, null, 2)}</pre></section>`}
${missing.length === 0 ? null : html`<section aria-labelledby="missing"><h2 id="missing">Not checked, or only in part</h2><ul>${missing.map(({ number, title, missing: what }) => html`<li>${number}. ${title}${what === null ? null : html`: ${what}`}</li>`)}</ul></section>`}
${cleanUp.left.length === 0 ? null : html`<section aria-labelledby="left"><h2 id="left">Left at the CA</h2>${sentences(cleanUp.left)}</section>`}
${exchangesSection(conformance)}`,
    source: 'conformance.json',
    padlockVersion: conformance.padlockVersion,
  });
}

/** Who makes the CA, as it declares. */
function implementationFacts({ declaration }: Conformance): readonly (readonly [string, string])[] {
  if (declaration === null || declaration === undefined) return [];
  const { implementation, mode } = declaration;
  return [
    [
      'CA',
      `${implementation.project} ${implementation.version} of ${implementation.organization} (${implementation.url})`,
    ],
    ['Mode', mode],
    ['Contact', implementation.contact.join(', ')],
  ];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Whether the verdicts are as the expectations have them; null without any. */
function gateInWords({ gate }: Conformance): string | null {
  if (gate === null || gate === undefined) return null;
  const known = counted(gate.known.length, 'known deviation');
  const unjudged = gate.notJudged.length === 0 ? '' : `, ${gate.notJudged.length} more not judged in this run`;
  return gate.changes.length === 0
    ? `yes: ${known}${unjudged}`
    : `no: ${counted(gate.changes.length, 'verdict')} not as expected, ${known}${unjudged}`;
}

/** Links to the parts of the page; not on paper. */
function contentsNav({ checks, exchanges, gate, incompatibilities }: Conformance): Markup {
  const has = (wanted: CheckResult['verdict']) => checks.some(({ verdict }) => verdict === wanted);
  const parts = [
    ['changes', 'Not as expected', (gate?.changes.length ?? 0) > 0],
    ['violations', 'Violations', has('failed')],
    ['levels', 'By level', true],
    ['features', 'By feature', checks.some(({ feature }) => feature !== null && feature !== undefined)],
    ['warnings', 'Warnings', has('warned')],
    ['field', 'Clients', incompatibilities.length > 0],
    ['checks', 'By section', checks.length > 0],
    ['exchanges', 'Exchanges', exchanges.length > 0],
  ] as const;
  const shown = parts.filter(([, , isThere]) => isThere);
  return html`<nav aria-label="Contents"><p>${shown.map(([id, title], index) => html`<a href="#${id}">${title}</a>${index === shown.length - 1 ? null : ' · '}`)}</p></nav>`;
}

function changesSection({ gate }: Conformance): Markup | null {
  if (gate === null || gate === undefined || gate.changes.length === 0) return null;
  return html`<section class="failures" aria-labelledby="changes"><h2 id="changes">Not as expected</h2>
${sentences(gate.changes.map(changeInWords))}</section>`;
}

function featuresSection({ features = [], declaration }: Conformance): Markup | null {
  if (features.length === 0) return null;
  const isDeclared = declaration !== null && declaration !== undefined;
  return html`<section aria-labelledby="features"><h2 id="features">By feature</h2>
${table(
  'Checks by feature',
  [
    { heading: 'Feature', style: 'narrow' },
    ...(isDeclared ? [{ heading: 'Claimed', style: 'narrow' }] : []),
    { heading: 'Satisfied', style: 'number' },
    { heading: 'Violated', style: 'number' },
    { heading: 'Warnings', style: 'number' },
    { heading: 'Not judged', style: 'number' },
  ],
  features.map(({ name, claimed, passed, failed, warned, skipped }) => [
    html`<code>${name}</code>`,
    ...(isDeclared ? [claimedInWords(claimed)] : []),
    ...[passed, failed, warned, skipped].map(String),
  ]),
)}</section>`;
}

function cleanUpInWords({ cleanUp }: Conformance): string {
  const { state, certificatesRevoked, accountsDeactivated, left } = cleanUp;
  if (state === 'pending') return `not yet: ${left.length} objects are at the CA`;
  return `${certificatesRevoked} certificates revoked, ${accountsDeactivated} accounts deactivated${left.length === 0 ? '' : `, ${left.length} objects left`}`;
}

/** Where the RFC Editor has a section. */
function sectionUrl({ rfc, section }: CheckResult): string {
  return `https://www.rfc-editor.org/rfc/rfc${rfc}#section-${section}`;
}

function sectionId([first]: readonly CheckResult[]): string {
  return `rfc${first?.rfc ?? ''}-${(first?.section ?? '').replaceAll('.', '-')}`;
}

/** One violation or warning, with the way to its exchanges and to its section. */
function checkCard(check: CheckResult, { gate }: Conformance): Markup {
  const known = gate?.known.find((one) => one.check === check.id);
  const { id, verdict, asserts, message, level, basis, rfc, section } = check;
  const heading = html`<code>${id}</code> ${resultBadge(styles[verdict], verdict)}`;
  return html`<article class="card failure ${styles[verdict]}"><h3>${heading}</h3>
<p>${asserts} <span class="muted"><a href="${sectionUrl(check)}">RFC ${rfc} section ${section}</a>, ${level}${basis === 'statement' ? ', stated without a keyword' : null}</span></p>
<p class="verdict">${message}</p>
${known === undefined ? null : html`<p>Known until ${known.expires}: ${known.reason} (${known.issue})</p>`}
${check.exchanges.length === 0 ? null : html`<p>Exchanges: ${exchangeLinks(check)}</p>`}</article>`;
}

/** The checks of a section, folded on a screen. A link to what is inside opens it. */
function sectionMarkup(title: string, own: readonly CheckResult[]): Markup {
  return html`<details><summary><h3>${title}</h3> <span class="muted">${verdictsInWords(own)}</span></summary>
<div id="${sectionId(own)}">${sectionTable(title, own)}</div></details>`;
}

/** How many checks have each verdict, without those that none has. */
function verdictsInWords(checks: readonly CheckResult[]): string {
  const words = [
    ['passed', 'satisfied'],
    ['failed', 'violated'],
    ['warned', 'with a warning'],
    ['skipped', 'not judged'],
    ['not-claimed', 'not claimed'],
  ] as const;
  return words
    .map(([wanted, word]) => [checks.filter(({ verdict }) => verdict === wanted).length, word] as const)
    .flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`]))
    .join(', ');
}

function sectionTable(title: string, own: readonly CheckResult[]): Markup {
  const [first] = own;
  return html`${first === undefined ? null : html`<p><a href="${sectionUrl(first)}">${title} at the RFC Editor</a></p>`}
${table(
  `Checks of ${title}`,
  [
    { heading: 'Check' },
    { heading: 'Level' },
    { heading: 'Verdict' },
    { heading: 'What was seen' },
    { heading: 'Exchanges' },
  ],
  own.map((check) => [
    html`<code>${check.id}</code><br><span class="muted">${check.asserts}</span>`,
    check.level,
    resultBadge(styles[check.verdict], check.verdict),
    check.message,
    exchangeLinks(check),
  ]),
)}`;
}

/** A check has some exchanges, or, when it looks back on a whole run, very many. */
const mostLinks = 12;

function exchangeLinks({ exchanges }: CheckResult): Markup {
  const shown = exchanges.slice(-mostLinks);
  const more = exchanges.length - shown.length;
  return html`${more === 0 ? null : `${more} more, `}${shown.map((number, index) => html`<a href="#exchange-${number}">${number}</a>${index === shown.length - 1 ? null : ','}`)}`;
}

/** What one exchange of a verdict that nobody disputes shows of a text; conformance.json has more. */
const foldedCharacters = 500;

function exchangesSection({ checks, exchanges }: Conformance): Markup | null {
  if (exchanges.length === 0) return null;
  const disputed = new Set(
    checks
      .filter(({ verdict }) => verdict === 'failed' || verdict === 'warned')
      .flatMap((check) => check.exchanges.slice(-mostLinks)),
  );
  return html`<section aria-labelledby="exchanges"><h2 id="exchanges">Exchanges</h2>
<p class="muted">In the order of the answers. Keys, MACs and signatures are left out. Where no violation or warning stands on an exchange, its texts are cut after ${foldedCharacters} characters: conformance.json has them.</p>
${chunks(exchanges).map((chunk) => exchangesMarkup(chunk, disputed))}</section>`;
}

/** So many exchanges are folded together. */
const exchangesTogether = 50;

function chunks(exchanges: readonly ReportedExchange[]): readonly (readonly ReportedExchange[])[] {
  return Array.from({ length: Math.ceil(exchanges.length / exchangesTogether) }, (_, index) =>
    exchanges.slice(index * exchangesTogether, (index + 1) * exchangesTogether),
  );
}

function exchangesMarkup(exchanges: readonly ReportedExchange[], disputed: ReadonlySet<number>): Markup {
  const numbers = exchanges.map(({ number }) => String(number));
  const isPrinted = exchanges.some(({ number }) => disputed.has(number));
  return html`<details class="${isPrinted ? '' : 'screen-only'}"><summary>Exchanges ${numbers[0] ?? ''} to ${numbers.at(-1) ?? ''}</summary>
${exchanges.map((exchange) => exchangeMarkup(exchange, disputed.has(exchange.number)))}</details>`;
}

function exchangeMarkup(exchange: ReportedExchange, isDisputed: boolean): Markup {
  const { number, method, url, sent, status, headers, body, error } = exchange;
  const cut = (text: string) =>
    isDisputed || text.length <= foldedCharacters ? text : `${text.slice(0, foldedCharacters)} …`;
  const fields = Object.entries(headers).flatMap(([name, values]) => values.map((value) => `${name}: ${value}`));
  // A link to what is inside of it opens it.
  return html`<details class="${isDisputed ? '' : 'screen-only'}"><summary>${number}. ${method} ${url} <span class="muted">${status ?? 'no answer'}</span></summary>
<pre id="exchange-${number}">${sent === null ? '' : `${cut(JSON.stringify(sent, null, isDisputed ? 2 : 0))}\n\n`}${error ?? `${status}\n${fields.join('\n')}\n\n${cut(body)}`}</pre></details>`;
}
