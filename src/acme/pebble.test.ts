import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { runConformance } from './run-conformance.ts';
import { selfSignedServer } from './self-signed-server-fixture.ts';
import { AcmeSession } from './session.ts';
import type { ExternalAccount } from './signing-key.ts';
import { HttpsTransport } from './transport.ts';

/** The standard profile against the real Pebble: every verdict that is not `passed` was looked at, see docs/ca-results/pebble.md. */

const cache = process.env.PADLOCK_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'padlock');
const builds = join(cache, 'components', 'pebble');
const binary = existsSync(builds)
  ? readdirSync(builds)
      .map((build) => join(builds, build, 'pebble'))
      .find((file) => existsSync(file))
  : undefined;
const reason = `Pebble is not built: no ${builds}/*/pebble (padlock build pebble)`;

const external: ExternalAccount = { kid: 'kid-1', macKey: Buffer.alloc(48, 'a MAC key for this test alone ') };

let running: ChildProcess | undefined;
let folder: string | undefined;

afterEach(async () => {
  if (running && running.exitCode === null && running.signalCode === null) {
    const ended = new Promise((resolve) => running?.once('exit', resolve));
    running.kill();
    await ended;
  }
  if (folder) await rm(folder, { recursive: true });
  [running, folder] = [undefined, undefined];
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function startPebble(file: string, externalAccountBindingRequired: boolean) {
  folder = await mkdtemp(join(tmpdir(), 'padlock-pebble-'));
  const server = await selfSignedServer();
  const [port, managementPort] = [await freePort(), await freePort()];
  await writeFile(join(folder, 'tls.crt'), server.certificate);
  await writeFile(join(folder, 'tls.key'), server.key, { mode: 0o600 });
  const pebble = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: join(folder, 'tls.crt'),
    privateKey: join(folder, 'tls.key'),
    httpPort: 80,
    tlsPort: 443,
    ocspResponderURL: '',
    externalAccountBindingRequired,
    externalAccountMACKeys: { [external.kid]: Buffer.from(external.macKey).toString('base64url') },
    retryAfter: { authz: 1, order: 1 },
    keyAlgorithm: 'ecdsa',
    profiles: { default: { description: 'The only profile', validityPeriod: 7_776_000 } },
  };
  await writeFile(join(folder, 'pebble.json'), JSON.stringify({ pebble }));
  // No name server is there: challenges fail at once.
  const dns = ['-dnsserver', `127.0.0.1:${await freePort()}`];
  running = spawn(file, ['-config', join(folder, 'pebble.json'), '-strict', ...dns], {
    env: { PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0', PEBBLE_VA_NOSLEEP: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await listening(running);
  return { directoryUrl: `https://localhost:${port}/dir`, trustedRoots: server.certificate };
}

/** Pebble says so when it is about to listen; its end before that is an error. */
function listening(pebble: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    const read = (chunk: Buffer) => {
      log += chunk.toString('utf8');
      if (log.includes('ACME directory available at')) resolve();
    };
    pebble.stdout?.on('data', read);
    pebble.stderr?.on('data', read);
    pebble.once('exit', (code) => reject(new Error(`Pebble ended with ${code}: ${log.slice(-500)}`)));
    pebble.once('error', reject);
  });
}

async function verdicts(file: string, externalAccount?: ExternalAccount) {
  const { directoryUrl, trustedRoots } = await startPebble(file, externalAccount !== undefined);
  await using transport = new HttpsTransport({ trustedRoots });
  const session = new AcmeSession({
    ...{ directoryUrl, transport, externalAccount },
    userAgent: 'padlock/test',
    domain: 'padlock.test',
  });
  const { conformance } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'standard', only: [], caBundle: true },
  });
  const notPassed = conformance.checks
    .filter(({ verdict }) => verdict !== 'passed')
    .map(({ id, verdict }) => `${verdict} ${id}`);
  return { conformance, notPassed };
}

const deviationsOfPebble = [
  'failed ill-encoded-nonce',
  'failed algorithms-are-listed',
  'warned alg-eddsa',
  'failed foreign-url',
  'warned unacceptable-key',
];

test.skipIf(binary === undefined)(
  `Pebble gets the verdicts of docs/ca-results/pebble.md (${binary ?? reason})`,
  async () => {
    const { conformance, notPassed } = await verdicts(String(binary));
    expect(notPassed).toEqual([
      'failed new-nonce-is-not-stored',
      ...deviationsOfPebble,
      'failed deactivated-account',
      'failed key-change-to-a-key-in-use',
      'skipped key-in-use-is-named',
      'skipped absent-binding-is-named',
      'skipped binding-is-shown',
      'skipped binding-with-unknown-kid',
      'skipped binding-with-wrong-mac',
      'skipped binding-with-foreign-url',
      'skipped binding-with-nonce',
      'skipped binding-of-another-key',
      'warned unknown-identifier-type',
      'failed nonsense-date',
      'warned challenge-links-up',
      'skipped retry-after-is-understandable',
      'warned errors-are-problem-documents',
    ]);
    expect(conformance.problems).toEqual([]);
  },
);

test.skipIf(binary === undefined)(
  `Pebble with external accounts, too (${binary === undefined ? reason : 'required'})`,
  async () => {
    const { conformance, notPassed } = await verdicts(String(binary), external);
    expect(notPassed).toEqual([
      'failed new-nonce-is-not-stored',
      ...deviationsOfPebble,
      'failed deactivated-account',
      'failed key-change-to-a-key-in-use',
      'skipped key-in-use-is-named',
      'warned unknown-identifier-type',
      'failed nonsense-date',
      'warned challenge-links-up',
      'skipped retry-after-is-understandable',
      'warned errors-are-problem-documents',
    ]);
    expect(JSON.stringify(conformance)).not.toContain(Buffer.from(external.macKey).toString('base64url'));
  },
);
