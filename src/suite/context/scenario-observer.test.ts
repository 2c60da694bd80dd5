import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunEventBody } from '../../progress/run-event.ts';
import { reportingObserver } from './scenario-observer.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

test('reports a wait once, however often it is noted, and how long it took', () => {
  const told: RunEventBody[] = [];
  const observer = reportingObserver('http01-ingress', (event) => told.push(event));
  for (let probe = 0; probe < 3; probe += 1) {
    observer.onWait('tls-trusted to succeed', 20_000);
    vi.advanceTimersByTime(100);
  }
  observer.onWaited('tls-trusted to succeed');
  observer.onWaited('tls-trusted to succeed');
  const wait = { scenario: 'http01-ingress', what: 'tls-trusted to succeed' };
  expect(told).toEqual([
    { ...wait, kind: 'scenario-waiting', withinMs: 20_000 },
    { ...wait, kind: 'scenario-waited', durationMs: 300 },
  ]);
});

test('reports a wait again when it begins again, and parallel waits separately', () => {
  const told: string[] = [];
  const observer = reportingObserver('http01-ingress', (event) =>
    told.push(`${event.kind} ${'what' in event ? event.what : ''}`),
  );
  observer.onWait('a', 1000);
  observer.onWait('b', 1000);
  observer.onWaited('a');
  observer.onWait('a', 1000);
  observer.onWaited('b');
  expect(told).toEqual([
    'scenario-waiting a',
    'scenario-waiting b',
    'scenario-waited a',
    'scenario-waiting a',
    'scenario-waited b',
  ]);
});

test('does not report the end of a wait that never began', () => {
  const told: RunEventBody[] = [];
  reportingObserver('http01-ingress', (event) => told.push(event)).onWaited('application-before to succeed');
  expect(told).toEqual([]);
});

test('reports each step, also the same one twice', () => {
  const told: RunEventBody[] = [];
  const observer = reportingObserver('http01-ingress', (event) => told.push(event));
  observer.onStep('dns', 'example.test A 10.231.1.10');
  observer.onStep('dns', 'example.test A 10.231.1.10');
  const step = { scenario: 'http01-ingress', kind: 'scenario-step', step: 'dns', detail: 'example.test A 10.231.1.10' };
  expect(told).toEqual([step, step]);
});
