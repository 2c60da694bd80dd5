import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isExhaustive } from '../src/test/exhaustive.ts';
import { folderOfTests } from './folder-of-tests.ts';
import { type InterceptingProxy, startInterceptingProxy } from './intercepting-proxy.ts';

/** npm, pip and Go reach this machine's own registries through a proxy that reads what they ask for. */
const folder = folderOfTests();
const project = join(import.meta.dirname, '..');
let proxy: InterceptingProxy;
let root: string;

beforeAll(async () => {
  proxy = await startInterceptingProxy();
  root = join(folder, 'root.pem');
  writeFileSync(root, proxy.root);
});
afterAll(() => proxy[Symbol.asyncDispose]());

const rootVariables =
  /^(SSL_CERT_(FILE|DIR)|PIP_CERT|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS|npm_config_cafile|no_proxy)$/i;

/** This machine's registries, without its caches and its own trust. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !rootVariables.test(name));
  const home = mkdtempSync(join(folder, 'home-'));
  return {
    ...Object.fromEntries(own),
    ...{ PADLOCK_CACHE: join(home, 'cache'), GOMODCACHE: join(home, 'go-mod'), npm_config_cache: join(home, 'npm') },
    ...{ PIP_NO_CACHE_DIR: '1', PIP_CONFIG_FILE: '/dev/null', GOFLAGS: '-modcacherw', GOTOOLCHAIN: 'local' },
    ...{ HTTPS_PROXY: proxy.url, https_proxy: proxy.url },
    // A certificate is not trusted the second time, either.
    ...{ npm_config_fetch_retries: '0', PIP_RETRIES: '0' },
  };
}

/** As the launcher and the build call each of them, for something small. */
const downloads = {
  npm: 'npm_with_roots pack --pack-destination "$out" yaml@2.9.1',
  pip: 'python3 -m pip download --no-deps --no-binary=:none: --dest "$out" pip',
  Go: 'cd "$project/components/go-httpbin" && go mod download github.com/mccutchen/go-httpbin/v2',
} as const;

async function download(line: string, variables: NodeJS.ProcessEnv): Promise<{ status: number | null; said: string }> {
  const out = mkdtempSync(join(folder, 'out-'));
  const log = join(out, 'log');
  mkdirSync(join(out, 'files'));
  // What src/components/download-environment.ts does for pip and Go.
  const roots = 'if roots=$(printenv PADLOCK_TRUSTED_ROOTS); then export SSL_CERT_FILE=$roots PIP_CERT=$roots; fi';
  const script = `set -euo pipefail; project=${project}; out=${out}/files; . ${project}/scripts/own-programs.sh; . ${project}/scripts/trusted-roots.sh; trust_named_roots; ${roots}; (${line}) >${log} 2>&1 || { cat ${log}; download_hint ${log}; exit 3; }`;
  const child = spawn('bash', ['-c', script], { env: { ...environment(), ...variables } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, said };
}

test.runIf(isExhaustive).concurrent.each(Object.entries(downloads))(
  '%s trusts the root that another tool was told of',
  async (tool, line) => {
    // Each gets the variable of another one.
    const variable = { npm: 'PIP_CERT', pip: 'SSL_CERT_FILE', Go: 'NODE_EXTRA_CA_CERTS' }[tool] ?? '';
    const { status, said } = await download(line, { [variable]: root });
    expect(status, said).toBe(0);
    expect(proxy.hosts.size).toBeGreaterThan(0);
  },
);

test.runIf(isExhaustive).concurrent.each(Object.entries(downloads))(
  '%s without the root fails, and the message says which variable to set',
  async (_, line) => {
    const { status, said } = await download(line, {});
    expect(status).toBe(3);
    expect(said).toContain('set SSL_CERT_FILE to a PEM file with that root');
  },
);

test.runIf(isExhaustive)('the launcher says so, too', async () => {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  // A machine with npm and no Node that fits.
  writeFileSync(join(bin, 'node'), '#!/bin/sh\n[ "$1" = --version ] && echo v18.0.0 || exec /usr/bin/node "$@"\n', {
    mode: 0o755,
  });
  // The proxy is in this process, so it must not be blocked.
  const launched = spawn(join(project, 'padlock'), ['list'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...environment(), PATH: `${bin}:/usr/bin:/bin:/usr/sbin:/sbin` },
  });
  const said = await text(launched.stderr);
  expect(said).toMatch(
    /npm could not install Node; see \S+node\.log\. The server's certificate is not trusted\..*set SSL_CERT_FILE/,
  );
});
