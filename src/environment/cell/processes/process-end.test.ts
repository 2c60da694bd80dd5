import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { describeProcessEnd, type ProcessEnd, tellingLineOfFile } from './process-end.ts';

const folder = mkdtempSync(join(tmpdir(), 'padlock-process-end-'));
afterAll(() => rmSync(folder, { recursive: true }));

function logOf(text: string): string {
  const file = join(folder, 'log');
  writeFileSync(file, text);
  return file;
}

const end: ProcessEnd = { name: 'etcd', afterMs: 43_200, how: { kind: 'exited', status: 1 }, said: 'bind: in use' };

test.each<readonly [ProcessEnd['how'], string]>([
  [{ kind: 'exited', status: 1 }, 'etcd ended with status 1 43 s after its start; its log ends: bind: in use'],
  [{ kind: 'killed', signal: 'SIGTERM' }, 'etcd was killed (SIGTERM) 43 s after its start; its log ends: bind: in use'],
  [
    { kind: 'out-of-memory', why: 'the whole machine has 1.9 GiB' },
    'etcd was killed (out of memory: the whole machine has 1.9 GiB) 43 s after its start; its log ends: bind: in use',
  ],
  [
    { kind: 'namespaces-ended' },
    'etcd was killed with all processes of its namespaces, whose first process ended, 43 s after its start',
  ],
  [{ kind: 'not-started', why: 'spawn sh ENOENT' }, 'etcd could not be started (spawn sh ENOENT)'],
])('%j is told', (how, sentence) => {
  expect(describeProcessEnd({ ...end, how })).toBe(sentence);
});

test('an empty log is told as one', () => {
  const how = { kind: 'killed', signal: 'SIGKILL' } as const;
  expect(describeProcessEnd({ ...end, afterMs: 1_240, how, said: null })).toBe(
    'etcd was killed (SIGKILL) 1.2 s after its start, and its log is empty',
  );
});

test('the end of a long log file is read, and neither an empty one nor a missing one has a line', () => {
  const log = logOf(`${'x'.repeat(200_000)}\nE1127 18:00:01.000001    12 run.go:72] no etcd\nbye\n`);
  expect(tellingLineOfFile(log, true)).toBe('run.go:72] no etcd');
  expect(tellingLineOfFile(log, false)).toBe('bye');
  expect(tellingLineOfFile(logOf('\n'), true)).toBeNull();
  expect(tellingLineOfFile(join(folder, 'absent'), true)).toBeNull();
});
