import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { cacheFolder } from './cache-folder.ts';
import { ensureGo } from './go-toolchain.ts';
import { upstreamModule } from './upstream-module.ts';

let cache: string;
let go: string;

// Downloads the toolchain where the cache lacks it.
beforeAll(async () => {
  go = await ensureGo({ cache: cacheFolder(), signal: new AbortController().signal, onInstalling: () => {} });
}, 300_000);

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'padlock-upstream-'));
  vi.stubEnv('GOPROXY', 'off');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

test('an unavailable version is named with the option that chose it', async () => {
  const choice = { module: 'padlock.test/nothing', version: 'v9.9.9', chosenBy: '--cert-manager' };
  await expect(upstreamModule({ ...choice, cache, go, signal: new AbortController().signal })).rejects.toThrow(
    /^--cert-manager v9\.9\.9: this version of the Go module padlock\.test\/nothing cannot be downloaded \(.*GOPROXY=off.*\)\.$/,
  );
});

test('an aborted signal ends it', async () => {
  const choice = { module: 'padlock.test/nothing', version: 'v9.9.9', chosenBy: '--istio' };
  await expect(upstreamModule({ ...choice, cache, go, signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
});
