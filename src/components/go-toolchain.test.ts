import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runToEnd } from '../run-to-end.ts';
import { ensureGo, pinnedToolchain, toolchainKey } from './go-toolchain.ts';

let cache: string;
const request = () => ({ cache, signal: new AbortController().signal, onInstalling: () => {} });

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'padlock-go-'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cache, { recursive: true });
});

test('pins one toolchain for both architectures', () => {
  const [amd64, arm64] = [pinnedToolchain('amd64'), pinnedToolchain('arm64')];
  expect(amd64.name).toBe(arm64.name);
  expect(toolchainKey(amd64)).toMatch(/^go1\.\d+\.\d+ linux\/amd64$/);
  expect(amd64.sum).not.toBe(arm64.sum);
  expect(() => pinnedToolchain('s390x')).toThrow(
    'Components can be built on amd64 and arm64 only; this machine is s390x.',
  );
});

test('a toolchain in the cache is used as it is', async () => {
  const folder = join(cache, 'go', pinnedToolchain().name);
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'bin', 'go'), '');
  expect(await ensureGo(request())).toBe(folder);
});

test('a toolchain that cannot be downloaded is one sentence, and nothing is left', async () => {
  vi.stubEnv('GOPROXY', 'off');
  await expect(ensureGo(request())).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(
      /^Go 1\.\d+\.\d+ could not be downloaded from the Go module proxy: .*GOPROXY=off.*\. Check GOPROXY and the network, or take the components from an archive with 'padlock build --import'\.$/,
    ),
  });
  expect(await readdir(join(cache, 'go'))).toEqual([]);
});

test('a toolchain with another hash is refused, and nothing is left', async () => {
  const { moduleVersion } = pinnedToolchain();
  // A module proxy in a folder, as `go help goproxy` describes it.
  const versions = join(cache, 'proxy', 'golang.org', 'toolchain', '@v');
  await mkdir(versions, { recursive: true });
  await writeFile(join(versions, `${moduleVersion}.info`), JSON.stringify({ Version: moduleVersion }));
  await writeFile(join(versions, `${moduleVersion}.mod`), 'module golang.org/toolchain\n');
  const zip = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1], "w").writestr(sys.argv[2], "another program")';
  const program = `golang.org/toolchain@${moduleVersion}/bin/go`;
  await runToEnd('python3', ['-c', zip, join(versions, `${moduleVersion}.zip`), program]);
  vi.stubEnv('GOPROXY', `file://${join(cache, 'proxy')}`);
  vi.stubEnv('GOSUMDB', 'off');
  await expect(ensureGo(request())).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringMatching(
      /^The Go module proxy answered with another golang\.org\/toolchain .*: it has the hash h1:.*, and components\/go\/go\.sum pins h1:.*\.$/,
    ),
  });
  expect(existsSync(join(cache, 'go', pinnedToolchain().name))).toBe(false);
  expect(await readdir(join(cache, 'go'))).toEqual([]);
});
