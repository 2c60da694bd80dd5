import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { serverCertificate } from './self-signed-certificate.ts';
import { HttpsTransport } from './transport.ts';

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

async function serve(listener: RequestListener, tls?: { certificate: string; key: string }): Promise<string> {
  const started = tls
    ? createHttpsServer({ cert: tls.certificate, key: tls.key }, listener)
    : createHttpServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `${tls ? 'https' : 'http'}://localhost:${(started.address() as AddressInfo).port}/`;
}

async function get(url: string, options: ConstructorParameters<typeof HttpsTransport>[0] = {}) {
  await using transport = new HttpsTransport(options);
  return await transport.send({ method: 'GET', url, headers: {} });
}

test('gives status, header fields with all their values, and body', async () => {
  const url = await serve((_, response) => {
    response.writeHead(201, [...['Link', '<a>;rel="one"'], ...['Link', '<b>;rel="two"'], ...['Replay-Nonce', 'abc']]);
    response.end('body');
  });
  const answer = await get(url);
  expect([answer.status, answer.body]).toEqual([201, 'body']);
  expect(answer.headers).toMatchObject({ link: ['<a>;rel="one"', '<b>;rel="two"'], 'replay-nonce': ['abc'] });
});

test('follows no redirect', async () => {
  const url = await serve((_, response) => response.writeHead(302, { location: '/' }).end());
  expect((await get(url)).status).toBe(302);
});

test('a body without end is cut off at the limit', async () => {
  const url = await serve((_, response) => {
    const more = () => {
      while (response.write('x'.repeat(1000)));
    };
    response.on('drain', more);
    more();
  });
  await expect(get(url, { limits: { requestMs: 10_000, bodyBytes: 5000 } })).rejects.toThrow(
    `GET ${url} got an answer with a body of more than 5000 bytes.`,
  );
});

test('a server that never answers is abandoned at the time limit', async () => {
  const url = await serve(() => {});
  await expect(get(url, { limits: { requestMs: 100, bodyBytes: 5000 } })).rejects.toThrow(
    `GET ${url} got no complete answer within 0.1 s.`,
  );
});

test('a body that stops in the middle is abandoned at the time limit, too', async () => {
  const url = await serve((_, response) => response.write('{'));
  await expect(get(url, { limits: { requestMs: 100, bodyBytes: 5000 } })).rejects.toThrow('within 0.1 s.');
});

test.each([
  ['GET', 2, 'again'],
  ['POST', 1, /other side closed|ECONNRESET/],
] as const)('a connection that is closed before the answer: %s is sent %i times', async (method, times, seen) => {
  let requests = 0;
  const url = await serve((request, response) => {
    requests += 1;
    if (requests === 1) request.socket.destroy();
    else response.end('again');
  });
  await using transport = new HttpsTransport();
  const said = await transport.send({ method, url, headers: {} }).then(
    ({ body }) => body,
    (error: unknown) => String(error),
  );
  expect(said).toMatch(seen);
  expect(requests).toBe(times);
});

test('a refused connection is reported in one sentence', async () => {
  const url = await serve(() => {});
  await new Promise((resolve) => server?.close(resolve));
  server = undefined;
  await expect(get(url)).rejects.toThrow(/^GET http:\S+ got no answer: the connection was refused \(ECONNREFUSED\)\.$/);
});

test('an untrusted certificate names the option that trusts it, and its root makes it trusted', async () => {
  const tls = await serverCertificate('localhost', ['localhost']);
  const url = await serve((_, response) => response.end('trusted'), tls);
  await expect(get(url)).rejects.toThrow(
    /its TLS certificate is not trusted .*; use --ca-bundle with the CA.s root\.$/,
  );
  expect((await get(url, { trustedRoots: tls.certificate })).body).toBe('trusted');
});
