import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFileAtomically } from './write-file-atomically.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'padlock-write-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('writes, and replaces what was there', async () => {
  const file = path.join(folder, 'report.json');
  await writeFileAtomically(file, 'old');
  await writeFileAtomically(file, 'new');
  expect(await readFile(file, 'utf8')).toBe('new');
  expect(await readdir(folder)).toEqual(['report.json']);
});

test('leaves nothing behind when it cannot', async () => {
  const file = path.join(folder, 'report.json');
  await mkdir(file);
  await expect(writeFileAtomically(file, 'new')).rejects.toMatchObject({ code: 'EISDIR' });
  expect(await readdir(folder)).toEqual(['report.json']);
});
