import { expect, test } from 'vitest';
import { tellingLine } from './telling-line.ts';

test('of what ended by itself, the last error says why, not what was written on the way out', () => {
  const lines = [
    'I1127 18:00:00.000001    12 server.go:1] starting',
    'E1127 18:00:01.000001    12 run.go:72] "command failed" err="no etcd"',
    'I1127 18:00:01.000002    12 server.go:9] bye',
  ];
  expect(tellingLine(lines, true)).toBe('run.go:72] "command failed" err="no etcd"');
  expect(tellingLine(lines, false)).toBe('server.go:9] bye');
});

test.each([
  [
    '{"level":"fatal","caller":"a.go:1","msg":"failed to listen","error":"bind: in use","stacktrace":"x"}',
    'failed to listen: bind: in use',
  ],
  ['{"level":"error"}', '{"level":"error"}'],
  ['{"level":"error","msg":"cut', '{"level":"error","msg":"cut'],
  ['time="2026-11-27T18:00:00Z" level=error msg="disk full"', 'level=error msg="disk full"'],
  ['27-Nov-2026 18:00:00.123 loading configuration: Error', 'loading configuration: Error'],
  ['Error: unknown flag: --nonsense', 'Error: unknown flag: --nonsense'],
  ['panic: no controllers', 'panic: no controllers'],
])('takes an error: %s', (line, told) => {
  expect(tellingLine([line, 'last', ''], true)).toBe(told);
});

test('of a crash of a Go program, its head says why, not the state that follows', () => {
  const state = Array.from({ length: 200 }, (_, i) => `r${i}    0x0`);
  expect(tellingLine(['ok', 'SIGSEGV: segmentation violation', 'PC=0x47', ...state], true)).toBe(
    'SIGSEGV: segmentation violation',
  );
});

test('an error long before the end is not the reason of it', () => {
  const lines = ['Error: early', ...Array.from({ length: 50 }, (_, i) => `line ${i}`)];
  expect(tellingLine(lines, true)).toBe('line 49');
});

test('a long line is cut, and an empty log has none', () => {
  expect(tellingLine(['x'.repeat(1000)], false)).toBe(`${'x'.repeat(300)}…`);
  expect(tellingLine(['', ' '], true)).toBeNull();
});
