import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveView } from './live-view.ts';
import { eventAt, type FakeTerminal, fakeTerminal, screen } from './terminal-fixture.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  vi.stubEnv('NO_COLOR', '1');
  vi.stubEnv('FORCE_COLOR', undefined);
  vi.stubEnv('TERM', 'xterm');
  // Each of them says on its own that there are no colours: https://nodejs.org/api/tty.html#writestreamgetcolordepthenv
  vi.stubEnv('CI', undefined);
  vi.stubEnv('NODE_DISABLE_COLORS', undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** A view whose events happen at the time of the fake clock. */
function live(size: { columns?: number; rows?: number } = {}) {
  const terminal = fakeTerminal({ isTTY: true, columns: 80, rows: 24, ...size });
  const view = new LiveView(terminal.stream);
  const begun = performance.now();
  return {
    terminal,
    view,
    show: (body: Parameters<typeof eventAt>[1]) => view.show(eventAt(performance.now() - begun, body)),
  };
}

const ingress = 'http01-ingress';
const certificate = 'Certificate istio-system/example to be Ready';

/** All that stands on the screen, without the cursor's empty line at its end. */
function shown(written: string): readonly string[] {
  const lines = screen(written);
  expect(lines.at(-1)).toBe('');
  return lines.slice(0, -1);
}

test('shows what each scenario waits for, for how long, and of which limit', () => {
  const { view, terminal, show } = live();
  show({ kind: 'scenario-started', scenario: ingress });
  show({ kind: 'scenario-started', scenario: 'http01-gateway' });
  vi.advanceTimersByTime(2000);
  show({ kind: 'scenario-step', scenario: ingress, step: 'apply', detail: 'Certificate/istio-system/example' });
  vi.advanceTimersByTime(1000);
  show({ kind: 'scenario-waiting', scenario: 'http01-gateway', what: certificate, withinMs: 90_000 });
  vi.advanceTimersByTime(12_100);
  expect(shown(terminal.written())).toEqual([
    '• http01-ingress  15 s  apply Certificate/istio-system/example',
    '• http01-gateway  15 s  waiting 12 s of 90 s for Certificate istio-system/examp…',
  ]);
  terminal.resize(120, 24);
  vi.advanceTimersByTime(100);
  expect(shown(terminal.written()).at(-1)).toBe(
    '• http01-gateway  15 s  waiting 12 s of 90 s for Certificate istio-system/example to be Ready',
  );
  view[Symbol.dispose]();
});

test('names the longest of the waits side by side, and what is done when all are over', () => {
  const { view, terminal, show } = live();
  show({ kind: 'scenario-started', scenario: ingress });
  show({ kind: 'scenario-waiting', scenario: ingress, what: 'every Pod to be gone', withinMs: 15_000 });
  show({ kind: 'scenario-waiting', scenario: ingress, what: 'every Service to be gone', withinMs: 15_000 });
  vi.advanceTimersByTime(1);
  expect(shown(terminal.written())).toEqual([
    '• http01-ingress  0 s  waiting 0 s of 15 s for every Pod to be gone and for 1 m…',
  ]);
  show({ kind: 'scenario-waited', scenario: ingress, what: 'every Pod to be gone', durationMs: 1 });
  show({ kind: 'scenario-waited', scenario: ingress, what: 'every Service to be gone', durationMs: 1 });
  vi.advanceTimersByTime(100);
  expect(screen(terminal.written()).at(-2)).toBe('• http01-ingress  0 s  started');
  view[Symbol.dispose]();
});

test('shows what the command itself does while nothing else is at work, until its end', () => {
  const { view, terminal, show } = live();
  show({ kind: 'run-phase', phase: 'checking the components' });
  vi.advanceTimersByTime(3000);
  expect(shown(terminal.written())).toEqual(['• padlock  3 s  checking the components']);
  show({ kind: 'scenario-started', scenario: ingress });
  vi.advanceTimersByTime(100);
  expect(screen(terminal.written()).at(-2)).toBe('• http01-ingress  0 s  started');
  show({ kind: 'scenario-ended', scenario: ingress, result: 'passed', durationMs: 100 });
  show({ kind: 'run-phase', phase: 'writing the reports' });
  vi.advanceTimersByTime(100);
  expect(shown(terminal.written())).toEqual([
    '✓ http01-ingress: passed after 100 ms',
    '• padlock  0 s  writing the reports',
  ]);
  show({ kind: 'run-ended', result: 'passed', reports: 'reports/1' });
  view[Symbol.dispose]();
  expect(shown(terminal.written())).toEqual([]);
});

test('leaves what has ended above what is at work, once', () => {
  const { view, terminal, show } = live();
  show({ kind: 'scenario-started', scenario: ingress });
  show({ kind: 'scenario-started', scenario: 'renewal' });
  vi.advanceTimersByTime(3000);
  show({ kind: 'scenario-ended', scenario: ingress, result: 'passed', durationMs: 2900 });
  vi.advanceTimersByTime(1000);
  show({ kind: 'scenario-ended', scenario: 'renewal', result: 'failed', durationMs: 4000 });
  vi.advanceTimersByTime(5000);
  view[Symbol.dispose]();
  expect(shown(terminal.written())).toEqual(['✓ http01-ingress: passed after 2.9 s', '✗ renewal: failed after 4.0 s']);
});

test('shows builds and the environment the same way', () => {
  const { view, terminal, show } = live();
  show({ kind: 'build-started', component: 'etcd', expectedMs: 60_000 });
  vi.advanceTimersByTime(1000);
  expect(shown(terminal.written())).toEqual(['• build etcd  1 s  about 60 s when nothing is cached']);
  show({ kind: 'build-ended', component: 'etcd', durationMs: 1000 });
  show({ kind: 'environment-starting', environment: 'run-1a2b3c' });
  show({ kind: 'cell-phase', environment: 'run-1a2b3c', phase: 'api-server-answers' });
  vi.advanceTimersByTime(100);
  expect(shown(terminal.written())).toEqual([
    '✓ Built etcd in 1.0 s.',
    '• environment run-1a2b3c  0 s  cell: api server answers',
  ]);
  show({ kind: 'environment-ready', environment: 'run-1a2b3c', durationMs: 12_300 });
  view[Symbol.dispose]();
  expect(shown(terminal.written())).toEqual(['✓ environment run-1a2b3c: ready after 12.3 s']);
});

test('hides nothing at the end: what was not painted yet is written, and what was at work is said', () => {
  const { view, terminal, show } = live({ columns: 40 });
  show({ kind: 'scenario-started', scenario: ingress });
  vi.advanceTimersByTime(2000);
  show({ kind: 'scenario-waiting', scenario: ingress, what: certificate, withinMs: 90_000 });
  vi.advanceTimersByTime(7000);
  show({ kind: 'problem', message: 'The cell ended.' });
  view[Symbol.dispose]();
  const left = [
    '✗ The cell ended.',
    '– http01-ingress: stopped after 9 s: waiting 7 s of 90 s for Certificate istio-system/example to be Ready',
  ];
  const written = terminal.written();
  expect(shown(written)).toEqual(left);
  view[Symbol.dispose]();
  show({ kind: 'scenario-started', scenario: 'late' });
  vi.advanceTimersByTime(60_000);
  expect(terminal.written()).toBe('');
});

test('never hides the cursor nor changes any other mode of the terminal for longer than a write', () => {
  const { view, terminal, show } = live();
  show({ kind: 'scenario-started', scenario: ingress });
  vi.advanceTimersByTime(5000);
  const written = terminal.written();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: reading what a terminal is sent
  const modes = new Set(written.match(/\u001b\[\?\d+[hl]/g));
  expect(modes).toEqual(new Set(['\u001b[?2026h', '\u001b[?2026l']));
  expect(written.endsWith('\u001b[?2026l')).toBe(true);
  expect(process.listenerCount('SIGINT')).toBe(0);
  view[Symbol.dispose]();
});

test('repaints at most ten times a second, however much happens', () => {
  const { view, terminal, show } = live();
  show({ kind: 'scenario-started', scenario: ingress });
  const before = terminal.writes;
  for (let count = 0; count < 999; count += 1) {
    show({ kind: 'scenario-step', scenario: ingress, step: 'probe', detail: `number ${count}` });
    vi.advanceTimersByTime(1);
  }
  expect(terminal.writes - before).toBeLessThanOrEqual(10);
  vi.advanceTimersByTime(100);
  expect(screen(terminal.written()).at(-2)).toBe('• http01-ingress  1 s  probe number 998');
  view[Symbol.dispose]();
});

test('keeps each line within the columns of the terminal, also of characters that take two', () => {
  const { view, terminal, show } = live({ columns: 30 });
  show({ kind: 'scenario-started', scenario: ingress });
  show({ kind: 'scenario-step', scenario: ingress, step: 'probe', detail: '証明書の発行を待っています' });
  vi.advanceTimersByTime(1);
  const [line = ''] = screen(terminal.written());
  // One column is left, and the next character takes two.
  expect(line).toBe('• http01-ingress  0 s  probe …');
  terminal.resize(33, 24);
  vi.advanceTimersByTime(100);
  expect(shown(terminal.written()).at(-1)).toBe('• http01-ingress  0 s  probe 証…');
  view[Symbol.dispose]();
});

test('takes no more rows than the terminal has, and says how many lines it leaves out', () => {
  const { view, terminal, show } = live({ rows: 4 });
  for (const scenario of ['a', 'b', 'c', 'd', 'e']) show({ kind: 'scenario-started', scenario });
  vi.advanceTimersByTime(1);
  expect(shown(terminal.written())).toEqual(['• a  0 s  started', '• b  0 s  started', '… and 3 more running']);
  view[Symbol.dispose]();
});

test('lets no name or reason from outside reach the terminal as a control sequence', () => {
  const { view, terminal, show } = live();
  const hostile = 'x\u001b[2J\u001b]0;title\u0007\u009b31m\r\n\u202ey';
  show({ kind: 'scenario-started', scenario: hostile });
  show({ kind: 'scenario-step', scenario: hostile, step: hostile, detail: hostile });
  show({ kind: 'scenario-waiting', scenario: hostile, what: hostile, withinMs: 1000 });
  show({ kind: 'problem', message: hostile });
  show({ kind: 'environment-starting', environment: hostile });
  show({ kind: 'cell-phase', environment: hostile, phase: hostile });
  show({ kind: 'build-started', component: hostile, expectedMs: 1000 });
  vi.advanceTimersByTime(1000);
  view[Symbol.dispose]();
  const written = terminal.written();
  // What is not known to `screen` is an error.
  screen(written);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the purpose
  expect(stripVTControlCharacters(written)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  expect(written).not.toContain('\u001b[2J');
  expect(written).not.toContain('title');
});

function paintedOnce({ stream, written }: FakeTerminal): string {
  using view = new LiveView(stream);
  view.show(eventAt(0, { kind: 'scenario-ended', scenario: ingress, result: 'passed', durationMs: 0 }));
  view[Symbol.dispose]();
  return written();
}

test('has colours in a terminal, unless NO_COLOR says no; FORCE_COLOR asks for them anywhere', () => {
  const green = '\u001b[32m✓\u001b[39m http01-ingress: passed after 0 ms\n';
  const plain = '✓ http01-ingress: passed after 0 ms\n';
  vi.stubEnv('NO_COLOR', undefined);
  expect(paintedOnce(fakeTerminal({ isTTY: true }))).toBe(green);
  vi.stubEnv('NO_COLOR', '1');
  expect(paintedOnce(fakeTerminal({ isTTY: true }))).toBe(plain);
  vi.stubEnv('NO_COLOR', undefined);
  vi.stubEnv('FORCE_COLOR', '1');
  expect(paintedOnce(fakeTerminal({ isTTY: true }))).toBe(green);
  vi.stubEnv('FORCE_COLOR', '0');
  expect(paintedOnce(fakeTerminal({ isTTY: true }))).toBe(plain);
});
