import type { CheckReport } from '../report.ts';
import { resultBadge } from './html-mark.ts';
import { html, type Markup } from './html-text.ts';

/** Every check with its result, its message and its assertion. */
export function checkList(checks: readonly CheckReport[]): Markup {
  if (checks.length === 0) return html`<p class="muted">No check was applied.</p>`;
  const items = checks.map(
    ({ id, result, message, asserts, notApplicable }) =>
      html`<li class="${result}">${resultBadge(result, notApplicable ? 'not applicable' : result)}
<div><p><code>${id}</code></p><p>${message}</p><p class="muted">Asserts: ${asserts}</p></div></li>`,
  );
  return html`<ul class="checks">${items}</ul>`;
}
