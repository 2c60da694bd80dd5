import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBoundedFile, UnsuitableFileError } from './bounded-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'padlock-bounded-file-'));
  await writeFile(path.join(folder, 'file'), '12345', { mode: 0o600 });
  await symlink('file', path.join(folder, 'link'));
  await symlink('absent', path.join(folder, 'dangling'));
  execFileSync('mkfifo', [path.join(folder, 'pipe')]);
});
afterAll(() => rm(folder, { recursive: true }));

test('a file up to the limit is read whole', async () => {
  const { bytes, mode } = await readBoundedFile(path.join(folder, 'file'), { maxBytes: 5 });
  expect(bytes.toString()).toBe('12345');
  expect(mode & 0o777).toBe(0o600);
});

test('a link is followed on request', async () => {
  const { bytes } = await readBoundedFile(path.join(folder, 'link'), { maxBytes: 5, followLink: true });
  expect(bytes.toString()).toBe('12345');
});

// A pipe without a writer would block whoever opens it, and /dev/zero never ends.
test.each([
  ['file', 4, 'it has 5 bytes or more, and the limit is 4'],
  ['link', 5, 'it is a symbolic link'],
  ['dangling', 5, 'it is a symbolic link'],
  ['pipe', 5, 'it is not a regular file'],
  ['.', 5, 'it is a folder'],
  ['/dev/zero', 5, 'it is not a regular file'],
])('%s with a limit of %i is not read', async (name, maxBytes, reason) => {
  const error: unknown = await readBoundedFile(path.resolve(folder, name), { maxBytes }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UnsuitableFileError);
  expect(error).toMatchObject({ message: reason });
});

test('the file system says itself what is not there', async () => {
  await expect(readBoundedFile(path.join(folder, 'absent'), { maxBytes: 5 })).rejects.toMatchObject({ code: 'ENOENT' });
});
