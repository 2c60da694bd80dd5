import type { Report } from '../report.ts';
import { sentences } from './html-table.ts';
import { html, type Markup } from './html-text.ts';

/** The problems of the run, and what was skipped on request; null if there are neither. */
export function remarksSection({ problems, skippedOnRequest }: Report): Markup | null {
  if (problems.length === 0 && skippedOnRequest.length === 0) return null;
  return html`<section class="card" aria-labelledby="remarks"><h2 id="remarks">Remarks</h2>
${problems.length === 0 ? null : html`<h3>Problems</h3><p class="muted">They affected the run but did not decide its result.</p>${sentences(problems)}`}
${skippedOnRequest.length === 0 ? null : html`<h3>Left out on request</h3><ul>${skippedOnRequest.map((id) => html`<li><code>${id}</code></li>`)}</ul>`}
</section>`;
}

/** The files next to this page. */
export function filesSection({ scenarios, bundle }: Report): Markup {
  const evidence = scenarios.flatMap((scenario) => scenario.evidence ?? []);
  return html`<section class="card" aria-labelledby="files"><h2 id="files">Files of this report</h2><ul>
<li><a href="report.json">report.json</a>, the report that this page is made from</li>
<li><a href="summary.md">summary.md</a>, the summary in Markdown</li>
<li><a href="junit.xml">junit.xml</a>, for CI servers</li>
${bundle === null ? null : html`<li><a href="${bundle}/">${bundle}/</a>, the diagnostics that were collected</li>`}
${evidence.map((file) => html`<li><a href="${file}">${file}</a></li>`)}
</ul></section>`;
}
