import { createSecureServer, type Http2SecureServer, type Http2Session } from 'node:http2';
import { expect, test } from 'vitest';
import { certificateFacts } from '../certificate-facts.ts';
import { startAgent } from './probe-agent-fixture.ts';
import type { OpenConnectionRequest } from './probe-protocol.ts';
import { createServerChain, listening, type ServerChain } from './probe-server-fixture.ts';

const host = 'shop.example.test';

function request(port: number, chain: ServerChain): OpenConnectionRequest {
  return {
    name: 'open-connection',
    url: `https://${host}:${port}/get`,
    address: '127.0.0.1',
    trust: 'ca-roots',
    roots: [chain.root],
    ...{ intervalMs: 20, durationMs: 60_000, withinMs: 5_000 },
  };
}

/** Answers with a status and tells the number of each request. */
async function serving(
  chain: ServerChain,
  answer: (count: number, session: Http2Session | undefined) => number | null,
): Promise<AsyncDisposable & { readonly port: number; readonly server: Http2SecureServer }> {
  const server = createSecureServer({ key: chain.leafKey, cert: `${chain.leaf}\n${chain.intermediate}` });
  let count = 0;
  server.on('stream', (stream) => {
    count += 1;
    stream.on('error', () => {});
    const status = answer(count, stream.session);
    if (status === null) return;
    stream.respond({ ':status': status });
    stream.end('body');
  });
  return Object.assign(await listening(server), { server });
}

test('all requests of an open connection are on one connection, whatever is served to new ones meanwhile', async () => {
  const [chain, renewed] = await Promise.all([createServerChain(host), createServerChain(host)]);
  const { promise, resolve } = Promise.withResolvers<void>();
  const sessions = new Set<unknown>();
  await using running = await serving(chain, (count, session) => {
    sessions.add(session);
    if (count === 3) running.server.setSecureContext({ key: renewed.leafKey, cert: renewed.leaf });
    if (count === 8) resolve();
    return count === 5 ? 503 : 200;
  });
  await using probes = startAgent();
  const open = probes.openConnection(request(running.port, chain));
  await promise;
  const { outcome } = await open.end();
  if ('error' in outcome) throw new Error(outcome.error);
  expect(sessions.size).toBe(1);
  expect(outcome).toMatchObject({ httpVersion: '2', failed: 0, closed: null, leaf: certificateFacts(chain.leaf) });
  expect(outcome.requests).toBeGreaterThanOrEqual(8);
  expect(outcome.runs).toMatchObject([
    { status: 200, count: 4 },
    { status: 503, count: 1 },
    { status: 200, count: outcome.requests - 5 },
  ]);
});

test('a connection that the server ends is reported with the moment and how, and gets no more requests', async () => {
  const chain = await createServerChain(host);
  await using running = await serving(chain, (count, session) => {
    if (count < 3) return 200;
    session?.goaway(0);
    session?.destroy();
    return null;
  });
  await using probes = startAgent();
  const open = probes.openConnection({ ...request(running.port, chain), durationMs: 500 });
  const { outcome } = await open.ended;
  if ('error' in outcome) throw new Error(outcome.error);
  expect(outcome.closed?.how).toMatch(/GOAWAY|closed/);
  expect(outcome.failed).toBeGreaterThanOrEqual(1);
  expect(outcome.runs[0]).toMatchObject({ status: 200, count: 2 });
});

test('a server that is not trusted is an outcome', async () => {
  const [chain, other] = await Promise.all([createServerChain(host), createServerChain(host)]);
  await using running = await serving(chain, () => 200);
  await using probes = startAgent();
  const { outcome } = await probes.openConnection(request(running.port, other)).end();
  expect(outcome).toMatchObject({ code: expect.stringMatching(/^UNABLE_TO/) });
});
