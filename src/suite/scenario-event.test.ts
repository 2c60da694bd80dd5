import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ScenarioEvent, tellingObserver } from './scenario-event.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

test('tells a wait once, however often it is noted, and how long it took', () => {
  const told: ScenarioEvent[] = [];
  const observer = tellingObserver('http01-ingress', (event) => told.push(event));
  for (let probe = 0; probe < 3; probe += 1) {
    observer.onWait('tls-trusted to succeed', 20_000);
    vi.advanceTimersByTime(100);
  }
  observer.onWaited('tls-trusted to succeed');
  observer.onWaited('tls-trusted to succeed');
  const wait = { scenario: 'http01-ingress', what: 'tls-trusted to succeed' };
  expect(told).toEqual([
    { ...wait, event: 'waiting', withinMs: 20_000 },
    { ...wait, event: 'waited', durationMs: 300 },
  ]);
});

test('tells the same wait again when it begins anew, and waits side by side each for itself', () => {
  const told: string[] = [];
  const observer = tellingObserver('http01-ingress', (event) =>
    told.push(`${event.event} ${'what' in event ? event.what : ''}`),
  );
  observer.onWait('a', 1000);
  observer.onWait('b', 1000);
  observer.onWaited('a');
  observer.onWait('a', 1000);
  observer.onWaited('b');
  expect(told).toEqual(['waiting a', 'waiting b', 'waited a', 'waiting a', 'waited b']);
});

test('says nothing of the end of a wait that never began', () => {
  const told: ScenarioEvent[] = [];
  tellingObserver('http01-ingress', (event) => told.push(event)).onWaited('application-before to succeed');
  expect(told).toEqual([]);
});

test('tells each step, also the same one twice', () => {
  const told: ScenarioEvent[] = [];
  const observer = tellingObserver('http01-ingress', (event) => told.push(event));
  observer.onStep('dns', 'example.test A 10.231.1.10');
  observer.onStep('dns', 'example.test A 10.231.1.10');
  const step = { scenario: 'http01-ingress', event: 'step', step: 'dns', detail: 'example.test A 10.231.1.10' };
  expect(told).toEqual([step, step]);
});
