import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunningWork } from './running-work.ts';
import { eventAt } from './terminal-fixture.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const scenario = 'http01-ingress';

test('counts from the time of the event, not of its arrival', () => {
  const work = new RunningWork();
  work.apply(eventAt(60_000, { kind: 'scenario-started', scenario }));
  work.apply(eventAt(70_000, { kind: 'scenario-waiting', scenario, what: 'x', withinMs: 300_000 }));
  vi.advanceTimersByTime(125_900);
  expect(work.lines()).toEqual([
    { name: scenario, elapsed: '2 min 15 s', doing: 'waiting 2 min 05 s of 5 min 00 s for x' },
  ]);
});

test('continues with the longest of the remaining waits', () => {
  const work = new RunningWork();
  work.apply(eventAt(0, { kind: 'scenario-started', scenario }));
  for (const what of ['x', 'y', 'z']) {
    work.apply(eventAt(0, { kind: 'scenario-waiting', scenario, what, withinMs: 90_000 }));
  }
  work.apply(eventAt(0, { kind: 'scenario-waited', scenario, what: 'x', durationMs: 0 }));
  expect(work.lines()[0]?.doing).toBe('waiting 0 s of 90 s for y and for 1 more');
});

test('shows nothing of work that ended or never began', () => {
  const work = new RunningWork();
  work.apply(eventAt(0, { kind: 'scenario-step', scenario, step: 'apply', detail: 'Issuer/x' }));
  work.apply(eventAt(0, { kind: 'environment-starting', environment: 'default' }));
  work.apply(eventAt(0, { kind: 'environment-ready', environment: 'default', durationMs: 0 }));
  expect(work.isEmpty).toBe(true);
  expect(work.lines()).toEqual([]);
});
