import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PlainView } from './plain-view.ts';
import { eventAt, fakeTerminal } from './terminal-fixture.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const scenario = 'http01-ingress';

test('writes a line with its time for each event that people want to read', () => {
  const { stream, written } = fakeTerminal();
  using view = new PlainView(stream);
  const environment = 'run-1a2b3c';
  view.show(
    eventAt(0, {
      kind: 'run-started',
      schemaVersion: 1,
      command: 'run',
      padlockVersion: '0.1.0',
      scenarios: [scenario],
    }),
  );
  view.show(eventAt(50, { kind: 'run-phase', phase: 'checking the components' }));
  view.show(eventAt(100, { kind: 'build-waiting' }));
  view.show(eventAt(200, { kind: 'build-damaged', component: 'pebble', files: ['pebble', 'pebble-challtestsrv'] }));
  view.show(eventAt(300, { kind: 'build-started', component: 'kubernetes', expectedMs: 380_000 }));
  view.show(eventAt(59_900, { kind: 'build-ended', component: 'kubernetes', durationMs: 59_600 }));
  view.show(eventAt(60_000, { kind: 'environment-starting', environment }));
  view.show(eventAt(60_100, { kind: 'cell-phase', environment, phase: 'api-server-answers' }));
  view.show(eventAt(65_000, { kind: 'platform-phase', environment, phase: 'istiod available' }));
  view.show(eventAt(72_345, { kind: 'environment-ready', environment, durationMs: 12_345 }));
  view.show(eventAt(72_400, { kind: 'scenario-started', scenario }));
  view.show(eventAt(72_500, { kind: 'scenario-step', scenario, step: 'apply', detail: 'Issuer/istio-system/acme' }));
  view.show(
    eventAt(72_600, {
      kind: 'scenario-waiting',
      scenario,
      what: 'Issuer istio-system/acme to be Ready',
      withinMs: 90_000,
    }),
  );
  view.show(
    eventAt(74_000, {
      kind: 'scenario-waited',
      scenario,
      what: 'Issuer istio-system/acme to be Ready',
      durationMs: 1400,
    }),
  );
  view.show(eventAt(104_000, { kind: 'scenario-ended', scenario, result: 'passed', durationMs: 31_500 }));
  view.show(eventAt(104_100, { kind: 'environment-removing', environment }));
  view.show(eventAt(105_100, { kind: 'environment-removed', environment, durationMs: 1000 }));
  view.show(eventAt(105_200, { kind: 'problem', message: 'The cell did not start.' }));
  view.show(eventAt(105_300, { kind: 'run-ended', result: 'passed', reports: 'reports/1' }));
  expect(written().split('\n')).toEqual([
    '   0.1 s  checking the components',
    '   0.1 s  Waiting for another build in the same cache.',
    '   0.2 s  pebble: pebble, pebble-challtestsrv in the cache is damaged; building it again.',
    '   0.3 s  Building kubernetes (about 6 min 20 s without a cache).',
    '  59.9 s  Built kubernetes in 59.6 s.',
    '  60.0 s  environment run-1a2b3c: starting',
    '  60.1 s  cell: api server answers',
    '  65.0 s  platform: istiod available',
    '  72.3 s  environment run-1a2b3c: ready after 12.3 s',
    '  72.4 s  http01-ingress: started',
    '  72.5 s  http01-ingress: apply Issuer/istio-system/acme',
    '  72.6 s  http01-ingress: waiting for Issuer istio-system/acme to be Ready (at most 90 s)',
    ' 104.0 s  http01-ingress: passed after 31.5 s',
    ' 104.1 s  environment run-1a2b3c: removing',
    ' 105.1 s  environment run-1a2b3c: removed in 1.0 s',
    ' 105.2 s  The cell did not start.',
    '',
  ]);
});

test('reports the work in progress every 15 s while nothing happens, until the end', () => {
  const { stream, written } = fakeTerminal();
  using view = new PlainView(stream);
  view.show(eventAt(1000, { kind: 'scenario-started', scenario }));
  view.show(eventAt(2000, { kind: 'scenario-waiting', scenario, what: 'Certificate x to be Ready', withinMs: 90_000 }));
  written();
  vi.advanceTimersByTime(14_999);
  expect(written()).toBe('');
  vi.advanceTimersByTime(1);
  expect(written()).toBe(
    '  17.0 s  http01-ingress: still running after 16 s: waiting 15 s of 90 s for Certificate x to be Ready\n',
  );
  vi.advanceTimersByTime(15_000);
  expect(written()).toContain('30 s of 90 s');
  view.show(eventAt(33_000, { kind: 'scenario-ended', scenario, result: 'failed', durationMs: 32_000 }));
  written();
  vi.advanceTimersByTime(60_000);
  expect(written()).toBe('');
  view.show(eventAt(94_000, { kind: 'scenario-started', scenario }));
  written();
  view[Symbol.dispose]();
  vi.advanceTimersByTime(60_000);
  expect(written()).toBe('');
});

test('shows control sequences from outside as text, and never another line', () => {
  const { stream, written } = fakeTerminal();
  using view = new PlainView(stream);
  const hostile = 'x\u001b[2J\n   0.1 s  http01-ingress: passed\u0007\u009b31m';
  view.show(eventAt(0, { kind: 'scenario-step', scenario, step: 'probe', detail: hostile }));
  const text = written();
  expect(text.match(/\n/g)).toHaveLength(1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});
