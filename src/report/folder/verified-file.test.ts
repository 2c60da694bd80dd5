import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readVerified } from './verified-file.ts';

const sha256 = createHash('sha256').update('as written').digest('hex');
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'padlock-verified-'));
  file = path.join(folder, 'a.json');
});

afterEach(() => rm(folder, { recursive: true }));

test('reads a file that is as it was written', async () => {
  await writeFile(file, 'as written');
  expect(String(await readVerified({ file, sha256 }))).toBe('as written');
});

test('refuses one that was changed', async () => {
  await writeFile(file, 'as changed');
  await expect(readVerified({ file, sha256 })).rejects.toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining(`but its report says ${sha256}`) }),
  );
});

test('refuses one that is not there', async () => {
  await expect(readVerified({ file, sha256 })).rejects.toThrow(/^Cannot read \S+a\.json, .* \(ENOENT\)\.$/);
});
