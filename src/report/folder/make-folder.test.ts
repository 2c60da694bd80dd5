import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'padlock-make-folder-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('makes what is missing, and takes what is there', async () => {
  const deep = path.join(folder, 'a', 'b', 'c');
  await makeFolder(deep);
  await makeFolder(deep);
  expect((await stat(deep)).isDirectory()).toBe(true);
});

test('takes a link to a folder for one', async () => {
  await symlink(folder, path.join(folder, 'link'));
  await makeFolder(path.join(folder, 'link'));
});

test('two concurrent calls succeed', async () => {
  // One such meeting in a hundred goes wrong where the second does not look again.
  for (let meeting = 0; meeting < 200; meeting += 1) {
    const deep = path.join(folder, `${meeting}`, 'b', 'c');
    await Promise.all([makeFolder(deep), makeFolder(deep), makeFolder(deep)]);
    expect((await stat(deep)).isDirectory()).toBe(true);
  }
});

test('a file in the way is an error', async () => {
  await writeFile(path.join(folder, 'file'), '');
  await expect(makeFolder(path.join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(path.join(folder, 'file', 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test.runIf(process.platform === 'linux')('a file system that refuses every folder is an error, soon', async () => {
  await expect(makeFolder('/proc/padlock/reports')).rejects.toMatchObject({ code: 'ENOENT' });
});
