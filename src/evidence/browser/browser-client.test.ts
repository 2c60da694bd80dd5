import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findBrowserPrograms } from '../../browser-programs.ts';
import { runToEnd } from '../../run-to-end.ts';
import { createServerChain, listening, type ServerChain, silentServer } from '../probes/probe-server-fixture.ts';
import { BrowserClient, type BrowserOpenRequest } from './browser-client.ts';

const program = join(import.meta.dirname, 'browser-agent.ts');
// A browser takes every name below localhost for this machine (RFC 6761, section 6.3).
const host = 'shop.localhost';
const programs = await findBrowserPrograms();

let chain: ServerChain;
let scratch: string;
beforeAll(async () => {
  chain = await createServerChain(host);
});
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'padlock-browser-test-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

const spawnAgent = (stderr: 'inherit' | 'pipe' = 'inherit'): ChildProcess =>
  spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', stderr] });

function question(port: number, asked: Partial<BrowserOpenRequest> = {}): BrowserOpenRequest {
  return {
    name: 'browser-trusted',
    url: `https://${host}:${port}/`,
    trust: 'ca-roots',
    roots: [chain.root],
    withinMs: 30_000,
    screenshot: false,
    scratch,
    ...asked,
  } as BrowserOpenRequest;
}

const page: RequestListener = (_, response) => response.setHeader('content-type', 'text/html').end('<h1>Shop</h1>');

function website(served: ServerChain = chain, answer = page) {
  return listening(createTlsServer({ cert: `${served.leaf}\n${served.intermediate}`, key: served.leafKey }, answer));
}

/** The processes that work in a folder below the scratch folder of this test. */
async function browserProcesses(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(scratch)) found.push(pid);
  }
  return found;
}

/** Settles when none of the processes is left: tail(1) ends with the process that it is given. */
async function ended(pids: readonly string[]): Promise<void> {
  await Promise.all(pids.map((pid) => runToEnd('tail', [`--pid=${pid}`, '-f', '/dev/null'])));
}

describe.skipIf(typeof programs === 'string')('a browser', { timeout: 60_000 }, () => {
  test('shows a page whose CA it trusts as secure, with the chain and a picture', async () => {
    await using server = await website();
    await using browser = new BrowserClient(spawnAgent());
    const { probe, screenshot } = await browser.open(question(server.port, { screenshot: true }));
    const fingerprints = [chain.leaf, chain.intermediate, chain.root].map((pem) =>
      createHash('sha256').update(new X509Certificate(pem).raw).digest('hex'),
    );
    const leaf = new X509Certificate(chain.leaf);
    expect(probe).toMatchObject({
      kind: 'browser',
      name: 'browser-trusted',
      url: `https://${host}:${server.port}/`,
      trust: 'ca-roots',
      browser: expect.stringMatching(/^Chromium \d+\./),
      outcome: {
        status: 200,
        address: '127.0.0.1',
        securityState: 'secure',
        protocol: 'TLS 1.3',
        cipher: expect.stringContaining('AES'),
        keyExchange: expect.stringMatching(/./),
        subject: '',
        issuer: expect.stringMatching(/^Intermediate \d+$/),
        validFrom: leaf.validFromDate.toISOString(),
        validTo: leaf.validToDate.toISOString(),
        screenshotSha256: createHash('sha256')
          .update(screenshot ?? '')
          .digest('hex'),
      },
    });
    const { outcome } = probe;
    expect('chain' in outcome && outcome.chain.map(({ fingerprintSha256 }) => fingerprintSha256)).toEqual(fingerprints);
    expect(screenshot?.subarray(1, 4).toString()).toBe('PNG');
    // Width and height of the IHDR chunk (PNG specification, section 11.2.2).
    expect([screenshot?.readUInt32BE(16), screenshot?.readUInt32BE(20)]).toEqual([1280, 800]);
    expect(await readdir(scratch)).toEqual([]);
    expect(await browserProcesses()).toEqual([]);
  });

  test('rejects the same page if its profile trusts nothing, even beside a profile that trusts the root', async () => {
    await using server = await website();
    await using browser = new BrowserClient(spawnAgent());
    const [trusted, control] = await Promise.all([
      browser.open(question(server.port)),
      browser.open(question(server.port, { name: 'browser-control', trust: 'none', roots: [], screenshot: true })),
    ]);
    expect(trusted.probe.outcome).toMatchObject({ status: 200, screenshotSha256: null });
    expect(control).toMatchObject({
      probe: {
        name: 'browser-control',
        trust: 'none',
        outcome: {
          code: 'ERR_CERT_AUTHORITY_INVALID',
          error: expect.stringContaining('net::ERR_CERT_AUTHORITY_INVALID'),
        },
      },
      screenshot: null,
    });
    expect(await readdir(scratch)).toEqual([]);
  });

  test.each([
    ['another root', async () => ({ roots: [(await createServerChain(host)).root] }), 'ERR_CERT_AUTHORITY_INVALID'],
    ['another host', async () => ({ host: 'blog.localhost' }), 'ERR_CERT_COMMON_NAME_INVALID'],
  ])('refuses a page for %s', async (_, change, code) => {
    await using server = await website();
    await using browser = new BrowserClient(spawnAgent());
    const { host: asked = host, ...rest } = (await change()) as { host?: string; roots?: string[] };
    const url = `https://${asked}:${server.port}/`;
    expect((await browser.open(question(server.port, { url, ...rest }))).probe.outcome).toMatchObject({ code });
  });

  test('refuses an expired certificate', async () => {
    const expired = await createServerChain(host, new Date(Date.now() - 60_000));
    await using server = await website(expired);
    await using browser = new BrowserClient(spawnAgent());
    const { probe } = await browser.open(question(server.port, { roots: [expired.root] }));
    expect(probe.outcome).toMatchObject({ code: 'ERR_CERT_DATE_INVALID' });
  });

  test('reports a refused connection', async () => {
    const server = await website();
    await server[Symbol.asyncDispose]();
    await using browser = new BrowserClient(spawnAgent());
    const { probe } = await browser.open(question(server.port));
    expect(probe.outcome).toMatchObject({ code: 'ERR_CONNECTION_REFUSED' });
  });

  test('reports the target of a redirect', async () => {
    await using plain = await listening(createServer(page));
    await using server = await website(chain, (_, response) =>
      response.writeHead(302, { location: `http://${host}:${plain.port}/` }).end(),
    );
    await using browser = new BrowserClient(spawnAgent());
    const { probe } = await browser.open(question(server.port));
    expect(probe.outcome).toEqual({
      error: `https://${host}:${server.port}/ led to another place, http://${host}:${plain.port}/`,
      code: null,
    });
  });

  test('reaches no host but that of the page', async () => {
    let asked = 0;
    await using other = await listening(
      createServer((_, response) => {
        asked += 1;
        response.end();
      }),
    );
    await using server = await website(chain, (_, response) =>
      response
        .setHeader('content-type', 'text/html')
        .end(
          `<img src="http://ads.localhost:${other.port}/"><script src="https://ads.localhost:${other.port}/"></script>`,
        ),
    );
    await using browser = new BrowserClient(spawnAgent());
    expect((await browser.open(question(server.port))).probe.outcome).toMatchObject({ status: 200 });
    expect(asked).toBe(0);
  });

  test('ends a visit at its time limit, and reports the last state', async () => {
    await using silent = await silentServer();
    await using browser = new BrowserClient(spawnAgent());
    const { probe } = await browser.open(question(silent.port, { withinMs: 8_000 }));
    expect(probe.outcome).toEqual({
      error: expect.stringMatching(
        /^no answer within 8000 ms; last seen: .*Chromium \S+ (?:had started and )?was opening https:/,
      ),
      code: 'PROBE_TIMEOUT',
    });
    expect(await readdir(scratch)).toEqual([]);
    expect(await browserProcesses()).toEqual([]);
  });

  // While the profile is made, while the browser starts, and while its zygotes and crash handlers do.
  test.each([20, 150, 300, 600])('ends even if its time limit of %i ms passes during the launch', async (withinMs) => {
    await using silent = await silentServer();
    await using browser = new BrowserClient(spawnAgent());
    const { probe } = await browser.open(question(silent.port, { withinMs }));
    expect(probe.outcome).toMatchObject({ code: 'PROBE_TIMEOUT', error: expect.stringContaining('last seen: ') });
    expect(await readdir(scratch)).toEqual([]);
    expect(await browserProcesses()).toEqual([]);
  });

  test.each(['its client is disposed of', 'its agent is killed'])('ends when %s', async (how) => {
    const opened = Promise.withResolvers<void>();
    // Asked, and never answered: the browser is in the midst of it.
    await using server = await website(chain, () => opened.resolve());
    const agent = spawnAgent();
    const browser = new BrowserClient(agent);
    const waiting = expect(browser.open(question(server.port))).rejects.toThrow(/outside the cluster ended \(/);
    await opened.promise;
    const pids = await browserProcesses();
    expect(pids.length).toBeGreaterThan(1);
    if (how === 'its agent is killed') {
      agent.kill('SIGKILL');
      await ended(pids);
    } else {
      await browser[Symbol.asyncDispose]();
      expect(await browserProcesses()).toEqual([]);
      expect(await readdir(scratch)).toEqual([]);
    }
    await waiting;
    await browser[Symbol.asyncDispose]();
  });

  test('ends when its client is disposed of while it starts', async () => {
    await using silent = await silentServer();
    const made = Promise.withResolvers<void>();
    using _watcher = Object.assign(
      watch(scratch, () => made.resolve()),
      {
        [Symbol.dispose](this: { close(): void }) {
          this.close();
        },
      },
    );
    const browser = new BrowserClient(spawnAgent());
    const waiting = expect(browser.open(question(silent.port))).rejects.toThrow('ended (status 0)');
    await made.promise;
    await browser[Symbol.asyncDispose]();
    await waiting;
    expect(await browserProcesses()).toEqual([]);
    expect(await readdir(scratch)).toEqual([]);
  });
});

test.each([
  ['plain HTTP', { url: `http://${host}/` }],
  ['roots that it shall not trust', { trust: 'none' }],
  ['trust in no root', { roots: [] }],
] as const)('a request for %s is refused before it is sent', async (_, asked) => {
  await using browser = new BrowserClient(spawnAgent());
  await expect(browser.open(question(443, asked as Partial<BrowserOpenRequest>))).rejects.toThrow(
    'The browser probe "browser-trusted" cannot be asked for',
  );
});

test('an invalid request ends the agent with a sentence', async () => {
  const agent = spawnAgent('pipe');
  const said = agent.stderr === null ? '' : text(agent.stderr);
  agent.stdin?.write('hello\n');
  expect(await once(agent, 'close')).toEqual([1, null]);
  expect(await said).toMatch(/^The browser agent received an invalid request: SyntaxError[^\n]+\n$/);
});

test('an answer of another kind fails the probe', async () => {
  const answer = JSON.stringify({ id: 1, probe: { kind: 'dns' }, screenshot: null });
  const liar = spawn(process.execPath, ['-e', `process.stdin.once('data', () => console.log('${answer}'))`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await using browser = new BrowserClient(liar);
  await expect(browser.open(question(443))).rejects.toThrow(
    'The browser agent outside the cluster ended (it sent an invalid answer:',
  );
});
