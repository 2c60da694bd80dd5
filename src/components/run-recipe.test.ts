import { existsSync, watch } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { UserError } from '../user-error.ts';
import { cacheFolder } from './cache-folder.ts';
import type { Component } from './component.ts';
import { ensureGo } from './go-toolchain.ts';
import { makeComponent, type Workshop } from './run-recipe.ts';

let cache: string;
let out: string;
let log: string;
let go: string;

// Downloads the toolchain where the cache lacks it.
beforeAll(async () => {
  go = await ensureGo({ cache: cacheFolder(), signal: new AbortController().signal, onInstalling: () => {} });
}, 300_000);

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'padlock-recipe-'));
  out = join(cache, 'out');
  log = join(cache, 'build.log');
  await mkdir(out);
});

afterEach(() => rm(cache, { recursive: true }));

/** With the toolchain of the shared cache, and caches of its own. */
function workshop(signal: AbortSignal): Workshop {
  return { cache, go, signal, onInstalling: () => {} };
}

/** A component that needs nothing but Go itself, built as given. */
function pause(programs: Readonly<Record<string, string>>): Component {
  return { id: 'pause', source: 'here', version: '1', expectedSeconds: 1, recipes: [{ kind: 'go', programs }] };
}

test('a failed build names the component, the command and the log', async () => {
  const { signal } = new AbortController();
  const failure = await makeComponent(pause({ './no-such-folder': 'nothing' }), out, log, workshop(signal)).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(UserError);
  expect(failure).toHaveProperty('exitCode', 3);
  expect(String(failure)).toMatch(
    /^UserError: Building pause failed: 'go build .*no-such-folder' ended with status 1; /,
  );
  expect(String(failure)).toContain(log);
  expect(await readFile(log, 'utf8')).toMatch(/^\$ go build .+\n.*no-such-folder/s);
}, 30_000);

test('an interrupt ends the compilers with the reason of the interrupt', async () => {
  const controller = new AbortController();
  // The command is written to the log just before it starts.
  const watcher = watch(cache).on('change', (_, file) => {
    if (file === 'build.log') controller.abort(new Error('interrupted'));
  });
  const making = makeComponent(pause({ '.': 'pause' }), out, log, workshop(controller.signal));
  await expect(making).rejects.toThrow('interrupted');
  watcher.close();
  expect(await readdir(out)).toEqual(['.temporary']);
}, 30_000);

test('starts nothing after the signal was aborted', async () => {
  const signal = AbortSignal.abort(new Error('interrupted'));
  await expect(makeComponent(pause({ '.': 'pause' }), out, log, workshop(signal))).rejects.toThrow('interrupted');
  expect(existsSync(log)).toBe(false);
});
