import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TlsProbe } from '../evidence.ts';
import { createForeignRoot } from './foreign-root.ts';
import { startAgent } from './probe-agent-fixture.ts';
import type { ProbeClient } from './probe-client.ts';
import type { TlsProbeRequest } from './probe-protocol.ts';
import { createServerChain, listening, type ServerChain, silentServer } from './probe-server-fixture.ts';

const host = 'shop.example.test';
const withinMs = 10_000;
let probes: ProbeClient;
let chain: ServerChain;
beforeAll(async () => {
  probes = startAgent();
  chain = await createServerChain(host);
});
afterAll(() => probes[Symbol.asyncDispose]());

type Handshake = Extract<TlsProbe['outcome'], { chain: unknown }>;

const tlsServer = (sent: readonly string[], options: TlsOptions = {}) =>
  createServer({ key: chain.leafKey, cert: sent.join('\n'), ALPNProtocols: ['h2'], ...options }, (socket) =>
    socket.end(),
  );

function request(port: number, asked: Partial<TlsProbeRequest> = {}): TlsProbeRequest {
  const trust = 'ca-roots';
  return { name: 'look', address: '127.0.0.1', port, serverName: host, trust, roots: [chain.root], withinMs, ...asked };
}

async function look(sent: readonly string[], asked: Partial<TlsProbeRequest> = {}, options: TlsOptions = {}) {
  await using server = await listening(tlsServer(sent, options));
  const { outcome } = await probes.tls(request(server.port, asked));
  if ('error' in outcome) throw new Error(outcome.error);
  return outcome;
}

const sentBy = ({ chain: sent }: Handshake) => sent.map(({ pem }) => pem.replace(/\s/g, ''));
const pems = (...sent: string[]) => sent.map((pem) => pem.replace(/\s/g, ''));

test('a chain without its root is trusted, and recorded as sent: the root is not added', async () => {
  const seen = await look([chain.leaf, chain.intermediate]);
  expect(seen).toMatchObject({
    protocol: 'TLSv1.3',
    alpn: 'h2',
    authorized: true,
    authorizationError: null,
    stapledOcsp: false,
  });
  expect(seen.cipher).toMatch(/^TLS_/);
  expect(sentBy(seen)).toEqual(pems(chain.leaf, chain.intermediate));
  expect(seen.chain[0]?.dnsNames).toEqual([host]);
});

test('the same over TLS 1.2, without ALPN', async () => {
  const seen = await look([chain.leaf, chain.intermediate], {}, { maxVersion: 'TLSv1.2', ALPNProtocols: [] });
  expect(seen).toMatchObject({ protocol: 'TLSv1.2', alpn: null, authorized: true });
  expect(sentBy(seen)).toEqual(pems(chain.leaf, chain.intermediate));
});

test.each([
  [{}, 'X25519MLKEM768'],
  [{ ecdhCurve: 'X25519' }, 'x25519'],
  // Not among the shares of the client's first hello, so the server asks for another one.
  [{ ecdhCurve: 'P-384' }, 'secp384r1'],
  [{ maxVersion: 'TLSv1.2', ecdhCurve: 'P-256' }, 'secp256r1'],
  [{ ciphers: 'TLS_AES_128_GCM_SHA256' }, 'X25519MLKEM768'],
  [{ ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }, 'X25519MLKEM768'],
] as const)('with a server of %o the key exchange is by %s', async (options, keyExchangeGroup) => {
  const seen = await look([chain.leaf, chain.intermediate], {}, options);
  expect(seen).toMatchObject({ keyExchangeGroup, signatureAlgorithm: 'ecdsa_secp256r1_sha256' });
});

test('a leaf alone is not trusted', async () => {
  const seen = await look([chain.leaf]);
  expect(seen).toMatchObject({ authorized: false, authorizationError: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  expect(sentBy(seen)).toEqual(pems(chain.leaf));
});

test('a root that is sent is recorded, and so is an order that is wrong', async () => {
  const seen = await look([chain.leaf, chain.root, chain.intermediate]);
  expect(seen.authorized).toBe(true);
  expect(sentBy(seen)).toEqual(pems(chain.leaf, chain.root, chain.intermediate));
});

test('a certificate that does not belong to the chain is recorded at its position', async () => {
  const foreign = await createForeignRoot();
  const seen = await look([chain.leaf, foreign, chain.intermediate]);
  expect(sentBy(seen)).toEqual(pems(chain.leaf, foreign, chain.intermediate));
});

test('a leaf without a subject, its names critical, is trusted', async () => {
  expect(new X509Certificate(chain.leaf).subject).toBeUndefined();
  const seen = await look([chain.leaf, chain.intermediate]);
  expect(seen).toMatchObject({ authorized: true, authorizationError: null });
  expect(seen.chain[0]).toMatchObject({ subject: '', dnsNames: [host] });
});

test('an expired leaf is not authorized', async () => {
  const expired = await createServerChain(host, new Date(Date.now() - 60_000));
  const seen = await look([expired.leaf, expired.intermediate], { roots: [expired.root] }, { key: expired.leafKey });
  expect(seen).toMatchObject({ authorized: false, authorizationError: 'CERT_HAS_EXPIRED' });
});

test('another host name than the certificate has is not authorized', async () => {
  const seen = await look([chain.leaf, chain.intermediate], { serverName: 'other.example.test' });
  expect(seen).toMatchObject({ authorized: false, authorizationError: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test('the server name is sent as SNI', async () => {
  let sni: string | undefined;
  const SNICallback: TlsOptions['SNICallback'] = (name, done) => {
    sni = name;
    done(null);
  };
  await look([chain.leaf, chain.intermediate], {}, { SNICallback });
  expect(sni).toBe(host);
});

test.each([
  ['a foreign root', () => createForeignRoot()],
  ['no root', async () => null],
])('a client that trusts %s refuses the chain', async (_, rootOf) => {
  const root = await rootOf();
  const asked: Partial<TlsProbeRequest> = { trust: 'foreign-root', roots: root === null ? [] : [root] };
  const seen = await look([chain.leaf, chain.intermediate], asked);
  expect(seen).toMatchObject({ authorized: false, authorizationError: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' });
});

test.each([
  ["Node's own and NODE_EXTRA_CA_CERTS", 'NODE_EXTRA_CA_CERTS', '--use-bundled-ca'],
  ["the system's", 'SSL_CERT_FILE', '--use-openssl-ca'],
])('no other roots are trusted: %s', async (_, variable, option) => {
  const folder = mkdtempSync(join(tmpdir(), 'padlock-extra-ca-'));
  try {
    const file = join(folder, 'root.pem');
    writeFileSync(file, chain.root);
    const environment = { [variable]: file, NODE_OPTIONS: option };
    await using trusting = startAgent(environment);
    await using server = await listening(tlsServer([chain.leaf, chain.intermediate]));
    const foreign = { trust: 'foreign-root', roots: [await createForeignRoot()] } as const;
    const url = `https://${host}:${server.port}/`;
    const [byDefault, seen, withoutRoots, fetched] = await Promise.all([
      trustsByDefault(server.port, environment),
      trusting.tls(request(server.port, foreign)),
      trusting.tls(request(server.port, { roots: [] })),
      trusting.http({ name: 'get', url, address: '127.0.0.1', ...foreign, withinMs }),
    ]);
    // Else the rest would prove nothing.
    expect(byDefault).toBe('true');
    const refused = { authorized: false, authorizationError: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' };
    expect(seen.outcome).toMatchObject(refused);
    expect(withoutRoots.outcome).toMatchObject(refused);
    expect(fetched.outcome).toMatchObject({ code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a stapled OCSP response is noticed', async () => {
  const server = tlsServer([chain.leaf, chain.intermediate]);
  server.on('OCSPRequest', (_certificate, _issuer, answer) => answer(null, Buffer.from('an OCSP response')));
  await using running = await listening(server);
  expect((await probes.tls(request(running.port))).outcome).toMatchObject({ stapledOcsp: true });
});

test('a refused connection is an outcome', async () => {
  const { port } = await closedPort();
  const probe = await probes.tls(request(port));
  expect(probe.outcome).toEqual({ error: `connect ECONNREFUSED 127.0.0.1:${port}`, code: 'ECONNREFUSED' });
  expect(probe).toMatchObject({ kind: 'tls', name: 'look', address: '127.0.0.1', port, serverName: host });
});

test.each([
  ['reset', 'resetAndDestroy'],
  ['closed', 'destroy'],
] as const)('a connection that is %s during the handshake is an outcome', async (_, close) => {
  await using server = await listening(createTcpServer((socket) => socket.once('data', () => socket[close]())));
  expect((await probes.tls(request(server.port))).outcome).toMatchObject({ code: 'ECONNRESET' });
});

test('a server that says nothing meets the time limit, which says how far the probe came and closes the connection', async () => {
  await using server = await silentServer();
  expect((await probes.tls(request(server.port, { withinMs: 200 }))).outcome).toEqual({
    error: `no answer within 200 ms; last seen: a TCP connection to 127.0.0.1 port ${server.port}, but no end of the TLS handshake`,
    code: 'PROBE_TIMEOUT',
  });
  await server.closed;
});

test('the duration is in ms to a tenth', async () => {
  await using server = await silentServer();
  const { durationMs } = await probes.tls(request(server.port, { withinMs: 200 }));
  expect(durationMs).toBeGreaterThanOrEqual(199);
  expect(durationMs).toBe(Number(durationMs.toFixed(1)));
});

/** Whether Node, told nothing of roots, trusts the server. */
async function trustsByDefault(port: number, environment: Record<string, string>): Promise<string> {
  const options = { host: '127.0.0.1', port, servername: host, rejectUnauthorized: false };
  const script = `const s = require('node:tls').connect(${JSON.stringify(options)}, () => { process.stdout.write(String(s.authorized)); s.destroy(); })`;
  const env = { ...process.env, ...environment };
  return (await promisify(execFile)(process.execPath, ['-e', script], { env })).stdout;
}

async function closedPort(): Promise<{ port: number }> {
  await using server = await listening(createTcpServer());
  return { port: server.port };
}
