import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  damagedOutputs,
  type OutputRecord,
  readOutputRecord,
  sha256OfFile,
  writeOutputRecord,
} from './output-record.ts';

const later = new Date('2031-01-01T00:00:00Z');
let folder: string;
let record: OutputRecord;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-outputs-'));
  await mkdir(join(folder, 'chart'));
  await writeFile(join(folder, 'program'), 'a program');
  await writeFile(join(folder, 'chart', 'values.yaml'), 'a: 1\n');
  await writeOutputRecord(folder);
  record = (await readOutputRecord(folder)) ?? { outputs: [] };
});

afterEach(() => rm(folder, { recursive: true }));

test('records every file below the folder by path, size and SHA-256', async () => {
  expect(record.outputs.map(({ path, size }) => [path, size])).toEqual([
    ['chart/values.yaml', 5],
    ['program', 9],
  ]);
  const digest = createHash('sha256').update('a program').digest('hex');
  expect(record.outputs[1]?.sha256).toBe(digest);
  expect(await sha256OfFile(join(folder, 'program'))).toBe(digest);
});

test('finds no damage if nothing changed', async () => {
  expect(await damagedOutputs(folder, record)).toEqual([]);
});

test('finds a program of the same size with other content', async () => {
  await writeFile(join(folder, 'program'), 'b program');
  await utimes(join(folder, 'program'), later, later);
  expect(await damagedOutputs(folder, record)).toEqual(['program']);
});

test('takes a time without its fraction, as tar and some file systems keep it, for the recorded one', async () => {
  const seconds = Math.floor((record.outputs[1]?.mtimeMs ?? 0) / 1000);
  // Other content of the same size shows that the content is not read.
  await writeFile(join(folder, 'program'), 'b program');
  await utimes(join(folder, 'program'), seconds, seconds);
  expect(await damagedOutputs(folder, record)).toEqual([]);
  await utimes(join(folder, 'program'), seconds - 1, seconds - 1);
  expect(await damagedOutputs(folder, record)).toEqual(['program']);
});

test('finds a truncated program, even with its old modification time', async () => {
  const { mtime } = await stat(join(folder, 'program'));
  await writeFile(join(folder, 'program'), 'a pro');
  await utimes(join(folder, 'program'), mtime, mtime);
  expect(await damagedOutputs(folder, record)).toEqual(['program']);
});

test('finds a missing file', async () => {
  await rm(join(folder, 'chart'), { recursive: true });
  expect(await damagedOutputs(folder, record)).toEqual(['chart/values.yaml']);
});

test('does not report a program whose modification time alone changed', async () => {
  await utimes(join(folder, 'program'), later, later);
  expect(await damagedOutputs(folder, record)).toEqual([]);
});

test('reads a copy of the cache once, says how much it reads, and finds later damage', async () => {
  const read: number[] = [];
  await utimes(join(folder, 'program'), later, later);
  expect(await damagedOutputs(folder, record, (bytes) => read.push(bytes))).toEqual([]);
  const renewed = (await readOutputRecord(folder)) ?? { outputs: [] };
  expect(await damagedOutputs(folder, renewed, (bytes) => read.push(bytes))).toEqual([]);
  expect(read).toEqual([9]);
  await writeFile(join(folder, 'program'), 'b program');
  expect(await damagedOutputs(folder, renewed)).toEqual(['program']);
});

test.each(['', '{"outputs":[{"path":"program"', '{}'])('treats the record %o as missing', async (text) => {
  await writeFile(join(folder, 'outputs.json'), text);
  expect(await readOutputRecord(folder)).toBeNull();
});

test('treats a missing folder as one without a record', async () => {
  expect(await readOutputRecord(join(folder, 'none'))).toBeNull();
});
