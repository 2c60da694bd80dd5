import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileAppears } from './file-appears.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-appears-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('takes a file that is there already', async () => {
  const file = join(folder, 'ready');
  await writeFile(file, '');
  await fileAppears(file, 10_000);
});

test('notices a file when it is made, and no other', async () => {
  let appeared = false;
  const waiting = fileAppears(join(folder, 'ready'), 10_000).then(() => {
    appeared = true;
  });
  await writeFile(join(folder, 'other'), '');
  expect(appeared).toBe(false);
  await writeFile(join(folder, 'ready'), '');
  await waiting;
});

test('names the file and the limit when it passes', async () => {
  await expect(fileAppears(join(folder, 'ready'), 20)).rejects.toThrow('ready did not appear within 20 ms');
});

test('ends when the signal aborts, with its reason', async () => {
  const controller = new AbortController();
  const waiting = fileAppears(join(folder, 'ready'), 10_000, controller.signal);
  controller.abort(new Error('interrupted'));
  await expect(waiting).rejects.toThrow('interrupted');
});

test('ends at once when the signal has aborted before', async () => {
  await expect(fileAppears(join(folder, 'ready'), 10_000, AbortSignal.abort(new Error('interrupted')))).rejects.toThrow(
    'interrupted',
  );
});

test('says so when there is no folder to watch', async () => {
  await expect(fileAppears(join(folder, 'none', 'ready'), 10_000)).rejects.toThrow('ENOENT');
});
