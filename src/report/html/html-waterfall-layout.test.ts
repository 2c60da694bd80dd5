import { expect, test } from 'vitest';
import { type Timeline, type TimelineEvent, timelineLanes } from '../../issuance/timeline-event.ts';
import { exampleScenario } from '../testing/example-report.ts';
import { hostileText } from '../testing/hostile-text.ts';
import { chartWidthPx, layOut, type WaterfallLayout } from './html-waterfall-layout.ts';

const startMs = Date.parse('2026-11-24T09:00:00.000Z');

function event(second: number, changes: Partial<TimelineEvent> = {}): TimelineEvent {
  const at = new Date(startMs + second * 1000).toISOString();
  return { name: 'self-check', lane: 'cert-manager', at, durationMs: 0, title: 'Self-check: 200', ...changes };
}

function laidOut(events: TimelineEvent[], gaps: Timeline['gaps'] = []): WaterfallLayout {
  return layOut({ clocks: [], events, gaps }) ?? expect.fail('there is nothing to lay out');
}

const certManager = ({ lanes }: WaterfallLayout) => lanes[0]?.events ?? [];

test('a timeline without events has no layout', () => {
  expect(layOut({ clocks: [], events: [], gaps: [] })).toBeNull();
});

test('the lanes are in order, including empty ones', () => {
  const { lanes } = laidOut([event(0)]);
  expect(lanes.map(({ lane }) => lane)).toEqual(timelineLanes);
  expect(lanes.map(({ rows }) => rows)).toEqual([1, 1, 1, 1, 1]);
});

test('places are to the scale of the time, within a margin', () => {
  const layout = laidOut([event(0), event(5, { durationMs: 2500 }), event(10)]);
  expect(layout).toMatchObject({ startMs, spanMs: 10_000 });
  expect(certManager(layout).map(({ startPercent, endPercent }) => [startPercent, endPercent])).toEqual([
    [1.5, 1.5],
    [50, 74.25],
    [98.5, 98.5],
  ]);
  expect(layout.ticks.map(({ atMs }) => atMs)).toEqual([0, 2000, 4000, 6000, 8000, 10_000]);
});

test('a single moment has a place and a scale', () => {
  const layout = laidOut([event(0)]);
  expect(certManager(layout)[0]?.startPercent).toBe(1.5);
  expect(layout.spanMs).toBe(1);
});

test('a gap that ends after the last event is part of the scale', () => {
  const { spanMs, gaps } = laidOut([event(0), event(1)], [{ at: event(1).at, durationMs: 9000, why: 'It waits.' }]);
  expect(spanMs).toBe(10_000);
  expect(gaps).toEqual([{ number: 1, startPercent: 11.2, endPercent: 98.5, row: 0 }]);
});

test('labels that would overlap stand below each other, and none leaves the chart', () => {
  const title = 'A title that is much longer than what has room in half of the chart';
  const layout = laidOut(Array.from({ length: 21 }, (_, index) => event(index, { title })));
  const placed = certManager(layout).map(({ label, labelSide, startPercent, row }) => {
    const markPx = (startPercent / 100) * chartWidthPx;
    const lengthPx = label.length * 6.7 + 9;
    return {
      row,
      fromPx: labelSide === 'after' ? markPx : markPx - lengthPx,
      toPx: labelSide === 'after' ? markPx + lengthPx : markPx,
    };
  });
  for (const [index, one] of placed.entries()) {
    expect(one.fromPx).toBeGreaterThanOrEqual(0);
    expect(one.toPx).toBeLessThanOrEqual(chartWidthPx);
    const clash = placed
      .slice(index + 1)
      .find((other) => other.row === one.row && other.fromPx < one.toPx && one.fromPx < other.toPx);
    expect(clash).toBeUndefined();
  }
});

test('what is far apart shares a row', () => {
  expect(certManager(laidOut([event(0), event(100)])).map(({ row }) => row)).toEqual([0, 0]);
});

test('the numbers of gaps that lie on each other stand below each other', () => {
  const gap = { at: event(0).at, durationMs: 1000, why: 'It waits.' };
  expect(laidOut([event(0), event(100)], [gap, gap]).gaps.map(({ number, row }) => [number, row])).toEqual([
    [1, 0],
    [2, 1],
  ]);
});

test('a hostile title is one line and cut without half a character', () => {
  const [first, second] = certManager(
    laidOut([event(0, { title: hostileText }), event(1, { title: '🔒'.repeat(50) })]),
  );
  expect(first?.label).toBe(']]> <b attr="x">&amp; &lt; </failure><!--…');
  expect(second?.label).toBe(`${'🔒'.repeat(20)}…`);
});

test('the example', () => {
  const { lanes, gaps, ticks } = laidOut(exampleScenario().timeline.events, exampleScenario().timeline.gaps);
  expect(lanes.map(({ events }) => events.length)).toEqual([3, 3, 1, 2, 1]);
  expect(gaps).toHaveLength(1);
  expect(ticks.map(({ atMs }) => atMs)).toEqual([0, 5000, 10_000, 15_000, 20_000, 25_000]);
});
