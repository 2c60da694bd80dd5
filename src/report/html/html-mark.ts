import type { ReportResult, ScenarioResult } from '../overall-result.ts';
import type { CheckReport } from '../report.ts';
import { html, type Markup, trusted } from './html-text.ts';

export type AnyResult = ReportResult | ScenarioResult | CheckReport['result'];

const closedShackle = 'M10 20v-6a8 8 0 0 1 16 0v6';
const openShackle = 'M10 20v-8a8 8 0 0 1 15.6-2.5';

/** The padlock: closed for a pass, open for every other result. Decorative: the word is next to it. */
export function padlockMark(result: AnyResult): Markup {
  const shackle = result === 'passed' ? closedShackle : openShackle;
  return html`<svg class="padlock ${result}" viewBox="0 0 36 40" width="36" height="40" aria-hidden="true" focusable="false">
<path class="shackle" d="${shackle}"/><rect class="body" x="4" y="18" width="28" height="20" rx="4"/>
<path class="keyhole" d="M18 24.5a2.6 2.6 0 0 1 1.4 4.8l.8 4.2h-4.4l.8-4.2a2.6 2.6 0 0 1 1.4-4.8z"/></svg>`;
}

/** The padlock as the page's icon, within the page, so that no browser asks a server for one. */
export function iconUri(result: AnyResult): Markup {
  const shackle = result === 'passed' ? closedShackle : openShackle;
  const colour = result === 'passed' ? '#1d7a46' : '#b3261e';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 0 40 40"><path d="${shackle}" fill="none" stroke="${colour}" stroke-width="4"/><rect x="4" y="18" width="28" height="20" rx="4" fill="${colour}"/></svg>`;
  return trusted(`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`);
}

const signs: Readonly<Record<AnyResult, string>> = {
  passed: 'M3.5 8.5l3 3 6-7',
  failed: 'M4 4l8 8M12 4l-8 8',
  error: 'M8 3v6.5M8 12.2v.6',
  partial: 'M3 8h10',
  skipped: 'M4 4l4 4-4 4M9 4l4 4-4 4',
};

/** A result as a sign and a word, its own or one that says more: never by colour alone. */
export function resultBadge(result: AnyResult, word: string = result): Markup {
  return html`<span class="badge ${result}"><svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false"><path d="${signs[result]}"/></svg>${word}</span>`;
}
