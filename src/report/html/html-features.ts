import type { Report } from '../report.ts';
import { table } from './html-table.ts';
import { html, type Markup } from './html-text.ts';

/** The features of the selected scenarios with their results; null if the report has none. */
export function featuresSection({ features = [] }: Report): Markup | null {
  if (features.length === 0) return null;
  const columns = [
    { heading: 'Feature', style: 'narrow' },
    { heading: 'Passed', style: 'number' },
    { heading: 'Failed', style: 'number' },
    { heading: 'Skipped', style: 'number' },
  ];
  const rows = features.map(({ feature, passed, failed, skipped }) => [
    html`<code>${feature}</code>`,
    String(passed),
    String(failed),
    String(skipped),
  ]);
  return html`<section class="card" aria-labelledby="features"><h2 id="features">Features</h2>
<p class="muted">Scenarios by the features that they cover.</p>${table('Results by feature', columns, rows)}</section>`;
}
