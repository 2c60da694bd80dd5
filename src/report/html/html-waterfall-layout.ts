import { type Timeline, type TimelineEvent, type TimelineLane, timelineLanes } from '../../issuance/timeline-event.ts';
import { shortened, visibleLine } from '../visible-text.ts';

/** The narrowest a waterfall is drawn, in CSS pixels; labels are laid out so that they do not overlap at this width. */
export const chartWidthPx = 640;

/** The most characters of a label. Half of the chart has room for them, so that no label leaves it. */
const labelLimit = 42;
const characterPx = 6.7;
const markerPx = 9;
const breathingPx = 10;
/** A label on top of this much of the chart's start and end, in per cent, would be cut off. */
const marginPercent = 1.5;

/** An event with its place; positions along the time are per cent of the chart's width. */
export interface PlacedEvent {
  readonly event: TimelineEvent;
  readonly label: string;
  readonly startPercent: number;
  readonly endPercent: number;
  /** Where the label stands: after the end of the event, or before its start where there is more room. */
  readonly labelSide: 'after' | 'before';
  /** From 0, within its lane: events whose labels would overlap stand below each other. */
  readonly row: number;
}

export interface PlacedLane {
  readonly lane: TimelineLane;
  readonly events: readonly PlacedEvent[];
  /** At least 1, also for a lane without events. */
  readonly rows: number;
}

export interface PlacedGap {
  readonly number: number;
  readonly startPercent: number;
  readonly endPercent: number;
  /** From 0: where the numbers of two gaps would overlap, the later one stands lower. */
  readonly row: number;
}

export interface WaterfallLayout {
  readonly lanes: readonly PlacedLane[];
  readonly gaps: readonly PlacedGap[];
  readonly ticks: readonly { readonly percent: number; readonly atMs: number }[];
  /** The start of the chart, in milliseconds since the epoch. */
  readonly startMs: number;
  readonly spanMs: number;
}

/** Where everything of a timeline stands; null for one without events. */
export function layOut({ events, gaps }: Timeline): WaterfallLayout | null {
  if (events.length === 0) return null;
  const spans = [...events, ...gaps].map(({ at, durationMs }) => ({
    from: Date.parse(at),
    to: Date.parse(at) + durationMs,
  }));
  const startMs = spans.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
  const endMs = spans.reduce((most, { to }) => Math.max(most, to), Number.NEGATIVE_INFINITY);
  const spanMs = Math.max(1, endMs - startMs);
  const percent = (ms: number) => marginPercent + ((100 - 2 * marginPercent) * (ms - startMs)) / spanMs;
  return {
    lanes: timelineLanes.map((lane) =>
      placedLane(
        lane,
        events.filter((event) => event.lane === lane),
        percent,
      ),
    ),
    gaps: placedGaps(gaps, percent),
    ticks: tickTimes(spanMs).map((atMs) => ({ atMs, percent: percent(startMs + atMs) })),
    startMs,
    spanMs,
  };
}

function placedLane(lane: TimelineLane, events: readonly TimelineEvent[], percent: (ms: number) => number): PlacedLane {
  const rowOf = rowFinder();
  const placed = events.map((event): PlacedEvent => {
    const start = Date.parse(event.at);
    const [startPercent, endPercent] = [percent(start), percent(start + event.durationMs)];
    const label = labelOf(event);
    const labelSide = 100 - endPercent >= startPercent ? 'after' : 'before';
    const labelPx = label.length * characterPx + markerPx;
    const [startPx, endPx] = [(startPercent / 100) * chartWidthPx, (endPercent / 100) * chartWidthPx];
    const row =
      labelSide === 'after' ? rowOf(startPx - markerPx, endPx + labelPx) : rowOf(startPx - labelPx, endPx + markerPx);
    return { event, label, startPercent, endPercent, labelSide, row };
  });
  return { lane, events: placed, rows: Math.max(1, ...placed.map(({ row }) => row + 1)) };
}

function labelOf({ title }: TimelineEvent): string {
  const line = visibleLine(shortened(title, 10 * labelLimit));
  return line.length > labelLimit ? `${line.slice(0, labelLimit - 1).replace(/[\ud800-\udbff]$/, '')}…` : line;
}

function placedGaps(gaps: Timeline['gaps'], percent: (ms: number) => number): PlacedGap[] {
  const rowOf = rowFinder();
  return gaps.map(({ at, durationMs }, index) => {
    const [startPercent, endPercent] = [percent(Date.parse(at)), percent(Date.parse(at) + durationMs)];
    const middlePx = ((startPercent + endPercent) / 200) * chartWidthPx;
    return { number: index + 1, startPercent, endPercent, row: rowOf(middlePx - markerPx, middlePx + markerPx) };
  });
}

/** Gives each stretch the first row in which it overlaps with none that came before. */
function rowFinder(): (fromPx: number, toPx: number) => number {
  const rows: { readonly fromPx: number; readonly toPx: number }[][] = [];
  return (fromPx, toPx) => {
    const isFree = (row: (typeof rows)[number]) =>
      row.every((taken) => toPx + breathingPx <= taken.fromPx || taken.toPx + breathingPx <= fromPx);
    const found = rows.findIndex(isFree);
    const index = found === -1 ? rows.length : found;
    rows[index] = [...(rows[index] ?? []), { fromPx, toPx }];
    return index;
  };
}

/** Round times from 0 on, in milliseconds, four to eight of them. */
function tickTimes(spanMs: number): number[] {
  const rough = spanMs / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return Array.from({ length: Math.floor(spanMs / step) + 1 }, (_, index) => index * step);
}
