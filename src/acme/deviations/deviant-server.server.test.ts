import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { caChecks, deviations } from '../catalogue/catalogue.ts';
import { HttpsTransport } from '../client/transport.ts';
import { type CheckedPebble, startCheckedPebble } from './checked-pebble-fixture.ts';
import { type DeviantServer, startDeviantServer } from './deviant-server.ts';
import type { Deviation } from './deviation.ts';

/** The server over the real Pebble: its URLs lead back to the server, and a run through it sees just the deviation. */

let started: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of started.toReversed()) await one[Symbol.asyncDispose]();
  started = [];
});

function named(name: string): Deviation {
  const found = deviations.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
}

async function pebble(): Promise<CheckedPebble> {
  const running = await startCheckedPebble();
  started.push(running);
  return running;
}

async function serve(running: CheckedPebble, deviation: string, host: string, port = 0): Promise<DeviantServer> {
  const { directoryUrl: upstream, trustedRoots } = running;
  const server = await startDeviantServer({ deviation: named(deviation), upstream, trustedRoots, host, port });
  started.push(server);
  return server;
}

async function check(running: CheckedPebble, directoryUrl: string, trustedRoots: string) {
  await using transport = new HttpsTransport({ trustedRoots });
  // Enough to see every kind of URL; all of them are for the test of the deviations.
  const checks = caChecks.filter(({ group }) => [1, 2, 3, 12, 20, 29].includes(group));
  return await running.check({ transport, directoryUrl, checks });
}

test('a run through the server adds exactly what its deviation breaks', async () => {
  const running = await pebble();
  const plain = await check(running, running.directoryUrl, running.trustedRoots);
  const server = await serve(running, 'order-by-get', '127.0.0.1');
  const through = await check(running, server.directoryUrl, server.certificate);
  expect(through.red.filter((id) => !plain.red.includes(id))).toEqual(['get-of-order']);
  expect(plain.red.filter((id) => !through.red.includes(id))).toEqual([]);
  expect(through.conformance.problems).toEqual([]);
});

test('clients may use any name of the server', async () => {
  const server = await serve(await pebble(), 'no-index-link', '127.0.0.1');
  await using transport = new HttpsTransport({ trustedRoots: server.certificate });
  for (const host of ['127.0.0.1', 'localhost']) {
    const { port } = new URL(server.directoryUrl);
    const url = `https://${host}:${port}/dir`;
    const answer = await transport.send({ method: 'GET', url, headers: { 'user-agent': 'test' } });
    expect(JSON.parse(answer.body)).toMatchObject({ newNonce: expect.stringContaining(`https://${host}:${port}/`) });
  }
});

test('if the CA behind is gone, clients get no answer and the user a message', async () => {
  const running = await startCheckedPebble();
  const problems: string[] = [];
  const server = await startDeviantServer({
    ...{ deviation: named('no-index-link'), upstream: running.directoryUrl, trustedRoots: running.trustedRoots },
    ...{ host: '127.0.0.1', port: 0, onProblem: (problem: string) => problems.push(problem) },
  });
  started.push(server);
  await running[Symbol.asyncDispose]();
  await using transport = new HttpsTransport({ trustedRoots: server.certificate });
  const sent = transport.send({ method: 'GET', url: server.directoryUrl, headers: { 'user-agent': 'test' } });
  await expect(sent).rejects.toThrow('got no answer');
  const refused = expect.stringMatching(/^GET https:\/\/localhost:\d+\/dir got no answer: .*ECONNREFUSED/);
  // The client sends a GET once more.
  expect(problems).toEqual([refused, refused]);
});

test('methods that ACME does not know and bodies without an end are refused', async () => {
  const server = await serve(await pebble(), 'no-index-link', '127.0.0.1');
  await using transport = new HttpsTransport({ trustedRoots: server.certificate });
  const headers = { 'user-agent': 'test', 'content-type': 'application/jose+json' };
  const large = { method: 'POST', url: server.directoryUrl, headers, body: 'x'.repeat(1_100_000) } as const;
  expect((await transport.send(large)).status).toBe(405);
  const garbage = { ...large, body: 'no JWS' };
  expect((await transport.send(garbage)).status).toBe(400);
});

test('a port that is in use is named', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await expect(serve(await pebble(), 'no-index-link', '127.0.0.1', port)).rejects.toThrow(
    `--listen 127.0.0.1:${port} is already in use; choose another port.`,
  );
  await new Promise((resolve) => taken.close(resolve));
});
