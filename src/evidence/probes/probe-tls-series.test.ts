import { createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { certificateFacts } from '../certificate-facts.ts';
import { startAgent } from './probe-agent-fixture.ts';
import { createServerChain, listening } from './probe-server-fixture.ts';

const host = 'shop.example.test';
const schedule = { intervalMs: 50, durationMs: 2_000, withinMs: 5_000 };

test('a series notes the leaf of every connection, across a renewal and to the end of the server', async () => {
  const [before, after] = await Promise.all([createServerChain(host), createServerChain(host)]);
  const server = createServer({ key: before.leafKey, cert: before.leaf });
  let connections = 0;
  const renewed = Promise.withResolvers<void>();
  server.on('secureConnection', (socket) => {
    socket.end();
    connections += 1;
    if (connections === 3) server.setSecureContext({ key: after.leafKey, cert: after.leaf });
    if (connections === 6) renewed.resolve();
  });
  await using probes = startAgent();
  await using running = await listening(server);
  const series = probes.tlsSeries({
    name: 'renewal',
    address: '127.0.0.1',
    port: running.port,
    serverName: host,
    ...schedule,
  });
  await renewed.promise;
  await running[Symbol.asyncDispose]();
  const { outcome, ...probe } = await series;

  expect(probe).toMatchObject({ kind: 'tls-series', name: 'renewal', intervalMs: 50 });
  expect(outcome.connections).toHaveLength(40);
  const seen = outcome.connections.map((connection) =>
    'error' in connection ? connection.code : connection.fingerprintSha256,
  );
  const runs = seen.filter((what, index) => what !== seen[index - 1]);
  expect(runs.slice(0, 2)).toEqual([before, after].map(({ leaf }) => certificateFacts(leaf).fingerprintSha256));
  expect(seen.at(-1)).toBe('ECONNREFUSED');
  const times = outcome.connections.map(({ at }) => at);
  expect(times).toEqual(times.toSorted());
});
