import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { runToEnd } from '../run-to-end.ts';
import { isExhaustive } from '../test/exhaustive.ts';
import { cacheFolder } from './cache-folder.ts';
import { ensureGo } from './go-toolchain.ts';
import { sha256OfFile } from './output-record.ts';
import { foundOutputs, slotsOf } from './selection.ts';

const project = join(import.meta.dirname, '..', '..');
let folder: string;
let go: string;

beforeAll(async () => {
  go = await ensureGo({ cache: cacheFolder(), signal: new AbortController().signal, onInstalling: () => {} });
}, 300_000);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-reproducible-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** Builds a component in a copy of the project, with caches of its own. @returns SHA-256 by path of each output */
async function digestsOf(id: string, copy: string): Promise<Record<string, string>> {
  await mkdir(copy, { recursive: true });
  for (const part of ['src', `components`, 'package.json']) {
    await cp(join(project, part), join(copy, part), { recursive: true });
  }
  await symlink(join(project, 'node_modules'), join(copy, 'node_modules'));
  const cache = join(copy, 'cache');
  await mkdir(join(cache, 'go'), { recursive: true });
  await symlink(go, join(cache, 'go', go.slice(go.lastIndexOf('/') + 1)));
  const build = `process.env.PADLOCK_CACHE = process.argv[2];
    const { buildComponents } = await import(process.argv[1]);
    await buildComponents({ only: [process.argv[3]], signal: new AbortController().signal, onProgress() {} });`;
  const module = join(copy, 'src', 'components', 'index.ts');
  await runToEnd(process.execPath, ['--input-type=module', '--eval', build, module, cache, id]);
  const [slot] = await slotsOf({ only: [id] }, cache);
  const found = await foundOutputs(slot?.folder ?? '');
  return Object.fromEntries(found?.record.outputs.map(({ path, sha256 }) => [path, sha256]) ?? []);
}

test('a component built in two paths, each with cold caches, has the same bytes', async () => {
  const one = await digestsOf('pause', join(folder, 'one'));
  const other = await digestsOf('pause', join(folder, 'another', 'longer', 'path'));
  expect(Object.keys(one)).toEqual(['pause']);
  expect(other).toEqual(one);
}, 300_000);

test.runIf(isExhaustive)(
  'every component of a run, built anew, has the bytes of the cache',
  async () => {
    for (const { component, folder: cached } of await slotsOf({}, cacheFolder())) {
      const before = await foundOutputs(cached);
      if (before === null) throw new Error(`${component.id} is not built`);
      const expected = Object.fromEntries(before.record.outputs.map(({ path, sha256 }) => [path, sha256]));
      const copy = join(folder, component.id);
      expect(await digestsOf(component.id, copy), component.id).toEqual(expected);
      const [first] = before.record.outputs;
      if (first) expect(await sha256OfFile(join(cached, first.path))).toBe(first.sha256);
      await rm(copy, { recursive: true });
    }
  },
  7_200_000,
);
