import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processStartTime } from '../../process-start-time.ts';
import { useStateFolder } from '../state-folder-fixture.ts';
import { cellPaths, cellsRoot } from './cell-paths.ts';
import { type CellRecord, cellNames, keeperLives, readCellRecord, writeCellRecord } from './cell-record.ts';

useStateFolder();

const record: CellRecord = {
  schemaVersion: 2,
  name: 'default',
  slot: 7,
  createdAt: '2030-01-01T00:00:00.000Z',
  ca: 'pebble',
  phase: 'starting',
  failure: null,
  keeper: null,
  nodePid: null,
  outsidePid: null,
  restoredFrom: null,
};

test('reads what was written, readable for its owner only, and leaves no other file', async () => {
  const { root, record: file } = cellPaths('default');
  await mkdir(root, { recursive: true });
  await writeCellRecord(record);
  await writeCellRecord({ ...record, phase: 'failed', failure: 'etcd ended' });
  expect(await readCellRecord('default')).toEqual({ ...record, phase: 'failed', failure: 'etcd ended' });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(root)).toEqual(['cell.json']);
});

test.each(['', '{"schemaVersion":1,"na', '{"schemaVersion":2}', 'null'])(
  'treats the record %o as missing',
  async (text) => {
    const { root, record: file } = cellPaths('default');
    await mkdir(root, { recursive: true });
    await writeFile(file, text);
    expect(await readCellRecord('default')).toBeNull();
  },
);

test('names all cells that have state, whole or not', async () => {
  expect(await cellNames()).toEqual([]);
  await mkdir(cellPaths('two').root);
  await mkdir(cellPaths('one').root);
  await writeFile(join(cellsRoot(), 'a-file'), '');
  expect(await cellNames()).toEqual(['one', 'two']);
  expect(await readCellRecord('one')).toBeNull();
});

test('distinguishes a living keeper from a missing one, an ended one, and another process with its pid', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const startTime = await processStartTime(pid);
  expect(startTime).toMatch(/^[0-9a-f-]{36}\/\d+$/);
  const keeper = { pid, startTime: startTime ?? '' };
  expect(await keeperLives(record)).toBe(false);
  expect(await keeperLives({ ...record, keeper })).toBe(true);
  expect(await keeperLives({ ...record, keeper: { pid, startTime: '1' } })).toBe(false);
  // The same pid and ticks in another boot, as a machine that boots the same way every time may well give.
  const ticks = startTime?.split('/')[1];
  expect(await keeperLives({ ...record, keeper: { pid, startTime: `${randomUUID()}/${ticks}` } })).toBe(false);
  child.stdin.end();
  await once(child, 'exit');
  expect(await processStartTime(pid)).toBeNull();
  expect(await keeperLives({ ...record, keeper })).toBe(false);
});
