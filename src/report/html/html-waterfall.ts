import { formatDuration } from '../../issuance/duration.ts';
import type { Timeline, TimelineLane } from '../../issuance/timeline-event.ts';
import type { ScenarioReport } from '../report.ts';
import { inPercent } from './html-percent.ts';
import { table } from './html-table.ts';
import { html, type Markup } from './html-text.ts';
import { utcClock, utcDay, utcTime } from './html-time.ts';
import {
  layOut,
  type PlacedEvent,
  type PlacedGap,
  type PlacedLane,
  type WaterfallLayout,
} from './html-waterfall-layout.ts';

const laneTitles: Readonly<Record<TimelineLane, string>> = {
  'cert-manager': 'cert-manager',
  cluster: 'Cluster',
  gateway: 'Gateway',
  ca: 'CA',
  client: 'Client',
};

const axisHeight = 22;
const gapRowHeight = 22;
const laneTitleHeight = 24;
const eventRowHeight = 22;
const laneEndHeight = 8;

/** The issuance as a waterfall: a lane for each actor, the waits across all lanes, and the same data as a table. */
export function waterfall({ id, timeline }: Pick<ScenarioReport, 'id' | 'timeline'>): Markup {
  const layout = layOut(timeline);
  if (layout === null) return html`<p class="muted">The evidence shows no event of the issuance.</p>`;
  return html`<figure class="waterfall">
<div class="scroll" role="region" aria-label="Waterfall chart of ${id}" tabindex="0">${chart(id, timeline, layout)}</div>
<figcaption>Time starts at ${utcTime(new Date(layout.startMs).toISOString())} and covers ${formatDuration(layout.spanMs)}.</figcaption>
</figure>
${gapList(timeline, layout)}
${timeline.clocks.map((clock) => html`<p class="muted">${clock}</p>`)}
<details><summary>The same ${timeline.events.length} events as a table</summary>${eventTable(id, timeline, layout)}</details>`;
}

function chart(id: string, { events }: Timeline, layout: WaterfallLayout): Markup {
  const { lanes, gaps, ticks, spanMs } = layout;
  const lanesTop = axisHeight + Math.max(0, ...gaps.map(({ row }) => (row + 1) * gapRowHeight));
  const tops = lanes.map((_, index) => lanes.slice(0, index).reduce((top, lane) => top + laneHeight(lane), lanesTop));
  const height = lanes.reduce((top, lane) => top + laneHeight(lane), lanesTop);
  return html`<svg class="chart" width="100%" height="${height}" role="img" aria-labelledby="chart-${id}">
<title id="chart-${id}">Waterfall of ${events.length} events in ${formatDuration(spanMs)} with ${gaps.length} explained ${gaps.length === 1 ? 'wait' : 'waits'}; the table below holds the same events.</title>
${gaps.map((gap) => gapBand(gap, height))}
${ticks.map(({ percent, atMs }) => tick(percent, atMs, height))}
${lanes.map((lane, index) => laneBand(lane, tops[index] ?? 0))}
${gaps.map(gapNumber)}
</svg>`;
}

function laneHeight({ rows }: PlacedLane): number {
  return laneTitleHeight + rows * eventRowHeight + laneEndHeight;
}

function tick(percent: number, atMs: number, height: number): Markup {
  const anchor = percent > 95 ? 'end' : percent < 5 ? 'start' : 'middle';
  return html`<line class="grid" x1="${inPercent(percent)}" x2="${inPercent(percent)}" y1="${axisHeight - 4}" y2="${height}"/>
<text class="tick" x="${inPercent(percent)}" y="13" text-anchor="${anchor}">${atMs === 0 ? '0' : formatDuration(atMs)}</text>`;
}

function laneBand({ lane, events }: PlacedLane, top: number): Markup {
  return html`<g class="lane ${lane}"><line class="lane-edge" x1="0" x2="100%" y1="${top}" y2="${top}"/>
<text class="lane-title" x="4" y="${top + 16}">${laneTitles[lane]}</text>
${events.length === 0 ? html`<text class="tick" x="4" y="${top + laneTitleHeight + 14}">no events</text>` : null}
${events.map((event) => eventMark(event, top + laneTitleHeight + event.row * eventRowHeight + eventRowHeight / 2))}</g>`;
}

function eventMark({ event, label, startPercent, endPercent, labelSide }: PlacedEvent, y: number): Markup {
  const text =
    labelSide === 'after'
      ? html`<text class="label" x="${inPercent(endPercent)}" dx="9" y="${y + 4}">${label}</text>`
      : html`<text class="label" x="${inPercent(startPercent)}" dx="-9" y="${y + 4}" text-anchor="end">${label}</text>`;
  const bar =
    event.durationMs === 0
      ? null
      : html`<rect class="bar" x="${inPercent(startPercent)}" y="${y - 4}" width="${inPercent(endPercent - startPercent)}" height="8" rx="3"/>`;
  return html`${bar}<circle class="moment" cx="${inPercent(startPercent)}" cy="${y}" r="4.5"/>${text}`;
}

function gapBand({ startPercent, endPercent }: PlacedGap, height: number): Markup {
  return html`<rect class="gap" x="${inPercent(startPercent)}" y="${axisHeight}" width="${inPercent(endPercent - startPercent)}" height="${height - axisHeight}"/>`;
}

function gapNumber({ number, startPercent, endPercent, row }: PlacedGap): Markup {
  const middle = inPercent((startPercent + endPercent) / 2);
  const y = axisHeight + row * gapRowHeight + gapRowHeight / 2;
  return html`<circle class="gap-number" cx="${middle}" cy="${y}" r="9"/><text class="gap-number" x="${middle}" y="${y + 4}" text-anchor="middle">${number}</text>`;
}

function gapList({ gaps }: Timeline, { startMs }: WaterfallLayout): Markup | null {
  if (gaps.length === 0) return null;
  const items = gaps.map(
    (gap) =>
      html`<li><strong>${formatDuration(gap.durationMs)}</strong>, from ${sinceStart(gap.at, startMs)} on: ${gap.why}</li>`,
  );
  return html`<h4>Waits</h4><ol class="gaps">${items}</ol>`;
}

function eventTable(id: string, { events }: Timeline, { startMs }: WaterfallLayout): Markup {
  const day = new Date(startMs).toISOString();
  const columns = [
    { heading: 'Since start', style: 'number' },
    { heading: 'UTC', style: 'number' },
    { heading: 'Lane', style: 'narrow' },
    { heading: 'What happened' },
    { heading: 'Took', style: 'number' },
    { heading: 'Record', style: 'record' },
  ];
  const rows = events.map((event) => [
    sinceStart(event.at, startMs),
    utcClock(event.at),
    laneTitles[event.lane],
    event.title,
    event.durationMs === 0 ? null : formatDuration(event.durationMs),
    event.detail ?? null,
  ]);
  return html`<p class="muted">Times of ${utcDay(day)}, UTC.</p>${table(`Events of ${id}`, columns, rows)}`;
}

function sinceStart(iso: string, startMs: number): string {
  return `${((Date.parse(iso) - startMs) / 1000).toFixed(3)} s`;
}
