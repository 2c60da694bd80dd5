import { createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { certificateFacts } from '../certificate-facts.ts';
import { startAgent } from './probe-agent-fixture.ts';
import type { TlsSeriesRequest } from './probe-protocol.ts';
import { createServerChain, listening, silentServer } from './probe-server-fixture.ts';

const host = 'shop.example.test';
const common = { name: 'handshakes', address: '127.0.0.1', serverName: host, trust: 'ca-roots' } as const;
const schedule = { intervalMs: 20, durationMs: 60_000, withinMs: 5_000 };

test('a series shows who was served which leaf, who was refused and who met a closed port', async () => {
  const [before, after, untrusted] = await Promise.all([1, 2, 3].map(() => createServerChain(host)));
  if (before === undefined || after === undefined || untrusted === undefined) throw new Error('no chains');
  const server = createServer({ key: before.leafKey, cert: `${before.leaf}\n${before.intermediate}` });
  const renewed = Promise.withResolvers<void>();
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
    const next = connections === 5 ? after : connections === 10 ? untrusted : null;
    if (next !== null) server.setSecureContext({ key: next.leafKey, cert: `${next.leaf}\n${next.intermediate}` });
    if (connections === 15) renewed.resolve();
  });
  await using probes = startAgent();
  await using running = await listening(server);
  const request: TlsSeriesRequest = {
    ...common,
    ...schedule,
    port: running.port,
    roots: [before.root, after.root],
  };
  const series = probes.tlsSeries(request);
  await renewed.promise;
  await running[Symbol.asyncDispose]();
  // The port is closed now: one more connection, made by another series, is refused.
  const refused = await probes.tlsSeries({ ...request, durationMs: 20 }).end();
  const { outcome, ...probe } = await series.end();

  expect(probe).toMatchObject({ kind: 'tls-series', name: 'handshakes', intervalMs: 20, trust: 'ca-roots' });
  const served = outcome.runs.map((run) => ('error' in run ? run.code : run.fingerprintSha256));
  const [one, two] = [before, after].map(({ leaf }) => certificateFacts(leaf));
  expect(served.slice(0, 2)).toEqual([one?.fingerprintSha256, two?.fingerprintSha256]);
  expect(served[2]).toMatch(/^UNABLE_TO/);
  expect(outcome.leaves).toEqual([one, two]);
  expect(outcome.runs.reduce((sum, { count }) => sum + count, 0)).toBe(outcome.connections);
  const failures = outcome.runs.flatMap((run) => ('error' in run ? run.count : []));
  expect(outcome.failed).toBe(failures.reduce((sum, count) => sum + count, 0));
  expect(outcome.failed).toBeGreaterThanOrEqual(5);
  const { median, p99, longest } = outcome.handshakeMs ?? { median: 0, p99: 0, longest: 0 };
  expect([median, p99, longest]).toEqual([median, p99, longest].toSorted((a, b) => a - b));
  expect(median).toBeGreaterThan(0);
  const times = outcome.runs.flatMap(({ since, until }) => [since, until]);
  expect(times).toEqual(times.toSorted());
  expect(refused.outcome).toMatchObject({ connections: 1, failed: 1, handshakeMs: null, leaves: [] });
  expect(refused.outcome.runs).toMatchObject([{ count: 1, code: 'ECONNREFUSED' }]);
});

test('a series ends with its duration, whoever ends it later, and a silent server fails each connection', async () => {
  await using silent = await silentServer();
  await using probes = startAgent();
  const series = probes.tlsSeries({
    ...common,
    port: silent.port,
    roots: [],
    intervalMs: 20,
    durationMs: 100,
    withinMs: 50,
  });
  await silent.closed;
  const { outcome } = await series.end();
  expect(outcome.runs).toMatchObject([{ count: outcome.connections, code: 'PROBE_TIMEOUT' }]);
  expect(outcome.connections).toBeLessThanOrEqual(5);
  expect(await series.end()).toMatchObject({ outcome });
});

test('a series that is too long is rejected before it is sent', async () => {
  await using probes = startAgent();
  const endless = { ...common, ...schedule, port: 443, roots: [], durationMs: 10_000_000 };
  await expect(probes.tlsSeries(endless).end()).rejects.toThrow('at most 60000 connections');
});
