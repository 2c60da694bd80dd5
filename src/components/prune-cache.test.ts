import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheContents } from './cache-contents.ts';
import { pinnedToolchain } from './go-toolchain.ts';
import { writeOutputRecord } from './output-record.ts';
import { pruneCache } from './prune-cache.ts';
import { slotsOf } from './selection.ts';

let cache: string;
let child: ChildProcess | undefined;

async function file(path: string, content = 'content'): Promise<void> {
  await mkdir(dirname(join(cache, path)), { recursive: true });
  await writeFile(join(cache, path), content);
}

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'padlock-prune-'));
  const [pebble] = await slotsOf({ only: ['pebble'] }, cache);
  await file(`components/pebble/${pebble?.key}/pebble`);
  await writeOutputRecord(pebble?.folder ?? '');
  await file('components/pebble/old/pebble');
  await file('components/gone/old/program');
  await file('components/etcd/.unfinished-1/etcd');
  await file('.archive-1/part');
  await file(`go/${pinnedToolchain().name}/bin/go`);
  await file('go/1.26.6/bin/go');
  await file('go-build/00/a', 'x'.repeat(100_000));
  await file('go-mod/cache/a');
  await file('images/some/image.tar');
  await file('manifests/a.json');
});

afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = undefined;
  await rm(cache, { recursive: true });
});

const prune = (buildCaches: boolean) =>
  pruneCache({ cache, buildCaches, signal: new AbortController().signal, onWaiting: () => {} });
const states = async () => Object.fromEntries((await cacheContents(cache)).map(({ path, state }) => [path, state]));

test('tells what is current, old, unfinished and only speeds up builds', async () => {
  const [pebble] = await slotsOf({ only: ['pebble'] }, cache);
  expect(await states()).toEqual({
    [`components/pebble/${pebble?.key}`]: 'current',
    'components/pebble/old': 'old',
    'components/gone/old': 'old',
    'components/etcd/.unfinished-1': 'unfinished',
    '.archive-1': 'unfinished',
    [`go/${pinnedToolchain().name}`]: 'current',
    'go/1.26.6': 'old',
    'go-build': 'build-cache',
    'go-mod': 'build-cache',
    // The images of this checkout are unknown until all components are built, so none is called old.
    'images/some': 'current',
    manifests: 'current',
  });
  expect((await cacheContents(cache)).find(({ path }) => path === 'go-build')?.bytes).toBeGreaterThan(100_000);
});

test('removes what is old or unfinished, and build caches only on request', async () => {
  expect((await prune(false)).map(({ path }) => path)).toEqual([
    '.archive-1',
    'components/etcd/.unfinished-1',
    'components/gone/old',
    'components/pebble/old',
    'go/1.26.6',
  ]);
  expect(await readdir(join(cache, 'components'))).toEqual(['pebble']);
  expect((await prune(true)).map(({ path }) => path)).toEqual(['go-build', 'go-mod']);
  expect(await prune(true)).toEqual([]);
});

test('keeps an old program that runs', async () => {
  const program = join(cache, 'components', 'pebble', 'old', 'pebble');
  await copyFile('/bin/sleep', program);
  child = spawn(program, ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  expect(await states()).toMatchObject({ 'components/pebble/old': 'in-use' });
  expect((await prune(false)).map(({ path }) => path)).not.toContain('components/pebble/old');
});

test('a cache that is not there is empty', async () => {
  expect(await cacheContents(join(cache, 'none'))).toEqual([]);
});
