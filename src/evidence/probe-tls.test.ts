import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TlsProbe } from './evidence.ts';
import { createForeignRoot } from './foreign-root.ts';
import { startAgent } from './probe-agent-fixture.ts';
import type { ProbeClient } from './probe-client.ts';
import type { TlsProbeRequest } from './probe-protocol.ts';
import { createServerChain, listening, type ServerChain } from './probe-server-fixture.ts';

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

test('a certificate that does not belong to the chain is recorded where it was sent', async () => {
  const foreign = await createForeignRoot();
  const seen = await look([chain.leaf, foreign, chain.intermediate]);
  expect(sentBy(seen)).toEqual(pems(chain.leaf, foreign, chain.intermediate));
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

test('NODE_EXTRA_CA_CERTS and the system store add no trust', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'padlock-extra-ca-'));
  try {
    const file = join(folder, 'root.pem');
    writeFileSync(file, chain.root);
    await using trusting = startAgent({
      NODE_EXTRA_CA_CERTS: file,
      SSL_CERT_FILE: file,
      NODE_OPTIONS: '--use-openssl-ca',
    });
    await using server = await listening(tlsServer([chain.leaf, chain.intermediate]));
    const foreign = { trust: 'foreign-root', roots: [await createForeignRoot()] } as const;
    const [seen, fetched] = await Promise.all([
      trusting.tls(request(server.port, foreign)),
      trusting.http({
        name: 'get',
        url: `https://${host}:${server.port}/`,
        address: '127.0.0.1',
        ...foreign,
        withinMs,
      }),
    ]);
    expect(seen.outcome).toMatchObject({ authorized: false });
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

test('a server that says nothing meets the time limit, which says how far the probe came', async () => {
  await using server = await listening(createTcpServer());
  expect((await probes.tls(request(server.port, { withinMs: 200 }))).outcome).toEqual({
    error: `no answer within 200 ms; last seen: a TCP connection to 127.0.0.1 port ${server.port}, but no end of the TLS handshake`,
    code: 'PROBE_TIMEOUT',
  });
});

async function closedPort(): Promise<{ port: number }> {
  await using server = await listening(createTcpServer());
  return { port: server.port };
}
