import { createServer as createHttpServer, type RequestListener, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerResponse } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createForeignRoot } from './foreign-root.ts';
import { startAgent } from './probe-agent-fixture.ts';
import type { ProbeClient } from './probe-client.ts';
import type { HttpProbeRequest } from './probe-protocol.ts';
import { createServerChain, listening, type ServerChain, silentServer } from './probe-server-fixture.ts';

const host = 'shop.example.test';
const withinMs = 10_000;
let probes: ProbeClient;
let chain: ServerChain;
let tls: { key: string; cert: string };
beforeAll(async () => {
  probes = startAgent();
  chain = await createServerChain(host);
  tls = { key: chain.leafKey, cert: `${chain.leaf}\n${chain.intermediate}` };
});
afterAll(() => probes[Symbol.asyncDispose]());

const get = (url: string, asked: Partial<HttpProbeRequest> = {}) =>
  probes.http({ name: 'get', url, address: '127.0.0.1', trust: 'none', roots: [], withinMs, ...asked });
const getSecurely = (url: string, asked: Partial<HttpProbeRequest> = {}) =>
  get(url, { trust: 'ca-roots', roots: [chain.root], ...asked });

const echo: RequestListener = (request, response) => {
  response.setHeader('x-asked', `${request.method} ${request.url}`);
  response.end(JSON.stringify({ host: request.headers.host, agent: request.headers['user-agent'] }));
};

test('plain HTTP goes to the address with the host of the URL', async () => {
  await using server = await listening(createHttpServer(echo));
  const url = `http://${host}:${server.port}/get?a=1`;
  const probe = await get(url);
  expect(probe).toMatchObject({ kind: 'http', name: 'get', url, address: '127.0.0.1', trust: 'none' });
  expect(probe.outcome).toMatchObject({
    status: 200,
    httpVersion: '1.1',
    headers: { 'x-asked': 'GET /get?a=1' },
    body: JSON.stringify({ host: `${host}:${server.port}`, agent: 'padlock-probe' }),
  });
});

test('headers can be set', async () => {
  await using server = await listening(createHttpServer(echo));
  const probe = await get(`http://${host}:${server.port}/`, { headers: { host, 'user-agent': 'another' } });
  expect(probe.outcome).toMatchObject({ body: JSON.stringify({ host, agent: 'another' }) });
});

test('a connection that was made for one host carries a request for another, as of a browser that coalesces', async () => {
  const asked: string[] = [];
  const server = createSecureServer(tls, (request, response) => {
    asked.push(request.authority);
    response.end('');
  });
  await using listens = await listening(server);
  const url = `https://blog.example.test:${listens.port}/`;
  const probe = await getSecurely(url, { serverName: host });
  expect(probe).toMatchObject({ url, serverName: host, outcome: { status: 200, httpVersion: '2' } });
  expect(asked).toEqual([`blog.example.test:${listens.port}`]);
});

test('a redirect is recorded, not followed', async () => {
  let requests = 0;
  const redirect: RequestListener = (_, response) => {
    requests += 1;
    response.writeHead(301, { location: '/elsewhere' }).end();
  };
  await using server = await listening(createHttpServer(redirect));
  expect((await get(`http://${host}:${server.port}/`)).outcome).toMatchObject({
    status: 301,
    headers: { location: '/elsewhere' },
    body: '',
  });
  expect(requests).toBe(1);
});

test('HTTP/2 if ALPN selects it', async () => {
  await using server = await listening(
    createSecureServer({ ...tls, allowHTTP1: true }, (request, response) => {
      response.setHeader('x-version', request.httpVersion);
      response.end(request.authority);
    }),
  );
  expect((await getSecurely(`https://${host}:${server.port}/`)).outcome).toMatchObject({
    status: 200,
    httpVersion: '2',
    headers: { 'x-version': '2.0' },
    body: `${host}:${server.port}`,
  });
});

test('HTTP/1.1 over TLS if the server supports nothing else', async () => {
  await using server = await listening(createHttpsServer(tls, echo));
  expect((await getSecurely(`https://${host}:${server.port}/`)).outcome).toMatchObject({
    status: 200,
    httpVersion: '1.1',
  });
});

test.each([
  ['1.1', (listener: RequestListener) => createHttpsServer(tls, listener)],
  ['2', (listener: RequestListener) => createSecureServer(tls, listener as never)],
])('over HTTP/%s the body ends at 4096 characters, though the server never does', async (httpVersion, create) => {
  await using server = await listening(
    create((_, response) => {
      response.write('é'.repeat(5000));
    }),
  );
  expect((await getSecurely(`https://${host}:${server.port}/`)).outcome).toMatchObject({
    httpVersion,
    body: 'é'.repeat(4096),
  });
});

test('a server with another root or another name gets no request', async () => {
  let requests = 0;
  const count: RequestListener = (_, response) => {
    requests += 1;
    response.end();
  };
  await using server = await listening(createHttpsServer(tls, count));
  const foreign = { trust: 'foreign-root', roots: [await createForeignRoot()] } as const;
  const outcomes = await Promise.all([
    getSecurely(`https://${host}:${server.port}/`, foreign),
    getSecurely(`https://other.example.test:${server.port}/`),
  ]);
  expect(outcomes.map(({ outcome }) => ('code' in outcome ? outcome.code : outcome.status))).toEqual([
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ]);
  expect(requests).toBe(0);
});

test('a refused connection and one that is reset are outcomes', async () => {
  await using server = await listening(
    createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
  );
  const { port } = await closedPort();
  const [refused, reset] = await Promise.all([get(`http://${host}:${port}/`), get(`http://${host}:${server.port}/`)]);
  expect(refused.outcome).toEqual({ error: `connect ECONNREFUSED 127.0.0.1:${port}`, code: 'ECONNREFUSED' });
  expect(reset.outcome).toMatchObject({ code: 'ECONNRESET' });
});

test.each([
  ['1.1', () => createHttpsServer(tls, (_, response) => cutOff(response, () => response.socket?.destroy()))],
  ['2', () => createSecureServer(tls, (_, response) => cutOff(response, () => response.stream.close(2)))],
  [
    '2, by a stream that is cancelled',
    () => createSecureServer(tls, (_, response) => cutOff(response, () => response.stream.close(8))),
  ],
  [
    '2, by the end of the connection',
    () => createSecureServer(tls, (_, response) => cutOff(response, () => response.stream.session?.destroy())),
  ],
])('a body that is cut off is no answer: HTTP/%s', async (_, create) => {
  await using server = await listening(create());
  expect((await getSecurely(`https://${host}:${server.port}/`)).outcome).toHaveProperty('error');
});

test('the time limit says how far the probe came, and closes the connection', async () => {
  await using silent = await silentServer();
  const closed = Promise.withResolvers<void>();
  const halts = createSecureServer(tls, (_, response) => {
    response.write('a beginning');
  });
  halts.on('secureConnection', (socket) => socket.on('close', () => closed.resolve()));
  await using halting = await listening(halts);
  const [first, second] = await Promise.all([
    get(`http://${host}:${silent.port}/`, { withinMs: 300 }),
    getSecurely(`https://${host}:${halting.port}/`, { withinMs: 1500 }),
  ]);
  expect(first.outcome).toEqual({
    error: `no answer within 300 ms; last seen: a TCP connection to 127.0.0.1 port ${silent.port}, but no response`,
    code: 'PROBE_TIMEOUT',
  });
  expect(second.outcome).toEqual({
    error: 'no answer within 1500 ms; last seen: the head of the response, but no end of its body',
    code: 'PROBE_TIMEOUT',
  });
  await Promise.all([silent.closed, closed.promise]);
});

/** The head and a part of the body, then the end that is given. */
function cutOff(response: ServerResponse | Http2ServerResponse, end: () => void): void {
  response.setHeader('x-beginning', 'yes');
  (response as ServerResponse).write('a beginning', end);
}

async function closedPort(): Promise<{ port: number }> {
  await using server = await listening(createTcpServer());
  return { port: server.port };
}
