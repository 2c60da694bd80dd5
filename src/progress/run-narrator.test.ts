import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type RunEvent, runEventSchema } from './run-event.ts';
import { RunNarrator } from './run-narrator.ts';
import type { RunView } from './run-view.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'], now: Date.UTC(2026, 0, 1) });
});

afterEach(() => {
  vi.useRealTimers();
});

function recordingView() {
  const events: RunEvent[] = [];
  let disposals = 0;
  const view: RunView = {
    show: (event) => events.push(event),
    [Symbol.dispose]() {
      disposals += 1;
    },
  };
  return { view, events, disposals: () => disposals };
}

const { signal } = new AbortController();

test('begins with run-started, says when each thing happened, and ends with run-ended, once', () => {
  const { view, events, disposals } = recordingView();
  const narrator = new RunNarrator({ command: 'run', scenarios: ['http01-ingress'], views: [view], signal });
  vi.advanceTimersByTime(1500);
  narrator.tell({ kind: 'scenario-started', scenario: 'http01-ingress' });
  narrator.end('passed', 'reports/1');
  narrator[Symbol.dispose]();
  expect(disposals()).toBe(1);
  expect(events.map((event) => runEventSchema.parse(event))).toEqual([
    expect.objectContaining({
      at: '2026-01-01T00:00:00.000Z',
      sinceMs: 0,
      kind: 'run-started',
      schemaVersion: 1,
      scenarios: ['http01-ingress'],
    }),
    { at: '2026-01-01T00:00:01.500Z', sinceMs: 1500, kind: 'scenario-started', scenario: 'http01-ingress' },
    { at: '2026-01-01T00:00:01.500Z', sinceMs: 1500, kind: 'run-ended', result: 'passed', reports: 'reports/1' },
  ]);
});

test('reports an end that the command did not report: an error, or an interrupting signal', () => {
  const failed = recordingView();
  new RunNarrator({ command: 'up', views: [failed.view], signal })[Symbol.dispose]();
  expect(failed.events.at(-1)).toMatchObject({ kind: 'run-ended', result: 'error', reports: null });
  const interrupted = recordingView();
  const controller = new AbortController();
  const narrator = new RunNarrator({ command: 'up', views: [interrupted.view], signal: controller.signal });
  controller.abort();
  narrator[Symbol.dispose]();
  expect(interrupted.events.at(-1)).toMatchObject({ kind: 'run-ended', result: 'interrupted' });
});

test('continues without a view that failed, and reports it in the others', () => {
  const healthy = recordingView();
  const broken = recordingView();
  const narrator = new RunNarrator({ command: 'run', views: [broken.view, healthy.view], signal });
  broken.view.show = () => {
    throw new Error("--json-lines: 'x' cannot be written (ENOSPC).");
  };
  narrator.tell({ kind: 'scenario-started', scenario: 'a' });
  narrator.tell({ kind: 'scenario-started', scenario: 'b' });
  expect(broken.disposals()).toBe(1);
  expect(healthy.events.map(({ kind }) => kind)).toEqual([
    'run-started',
    'problem',
    'scenario-started',
    'scenario-started',
  ]);
});
