import { formatDuration } from '../../issuance/duration.ts';
import type { ScenarioReport } from '../report.ts';
import { inPercent } from './html-percent.ts';
import { table } from './html-table.ts';
import { html, type Markup } from './html-text.ts';

/** The phases with their durations, scaled to the longest, and the causes of the durations if known. */
export function phaseTable({ id, phases }: Pick<ScenarioReport, 'id' | 'phases'>): Markup {
  if (phases.length === 0) return html`<p class="muted">The evidence shows no phase of the issuance.</p>`;
  const longest = Math.max(1, ...phases.map(({ durationMs }) => durationMs));
  const columns = [
    { heading: 'Phase', style: 'narrow' },
    { heading: 'Time', style: 'number' },
    { heading: 'Share', style: 'wide-only share' },
    { heading: 'Note' },
  ];
  const rows = phases.map(({ name, durationMs, note }) => [
    html`<code>${name}</code>`,
    formatDuration(durationMs),
    shareBar((100 * durationMs) / longest),
    note ?? null,
  ]);
  return table(`Phases of ${id}`, columns, rows);
}

function shareBar(percent: number): Markup {
  return html`<svg class="share" width="100%" height="10" role="img" aria-label="${Math.round(percent)} per cent of the longest"><rect class="track" width="100%" height="10" rx="3"/><rect class="life" width="${inPercent(percent)}" height="10" rx="3"/></svg>`;
}
