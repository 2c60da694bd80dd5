import { spawn } from 'node:child_process';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { programFile } from '../../../program-file.ts';
import { createAuthority, issueCertificate } from '../../certificates.ts';
import type { DirectoryFailure } from '../../server-failure.ts';
import { Front } from './front.ts';

const host = 'acme.padlock.test';
const order = { status: 'valid', finalize: 'https://…', certificate: 'https://…' };
const kept: string[] = [];
let front: Front<DirectoryFailure>;
let port: number;
let root: string;

/** Behind it is a server that says what it was asked, or an order. */
const behind = await (async () => {
  const pair = await issueCertificate(await createAuthority('behind'), { commonName: host, usage: 'server' });
  return createServer({ cert: pair.certificate, key: pair.key }, (message, response) => {
    response.setHeader('replay-nonce', 'fresh');
    response.end(message.url === '/order' ? JSON.stringify(order) : `${message.method} ${message.headers.host}`);
  });
})();

beforeAll(async () => {
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
  const upstreamPort = (behind.address() as AddressInfo).port;
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
  ({ port } = free.address() as AddressInfo);
  await new Promise((resolve) => free.close(resolve));
  const authority = await createAuthority('own');
  root = authority.certificate;
  const leaf = { commonName: host, dnsNames: [host], usage: 'server' } as const;
  const over = { notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') };
  const ahead = { notBefore: new Date(Date.now() + 3_600_000), notAfter: new Date(Date.now() + 7_200_000) };
  const identities = {
    good: await issueCertificate(authority, leaf),
    expired: await issueCertificate(authority, { ...leaf, validity: over }),
    'not-yet-valid': await issueCertificate(authority, { ...leaf, validity: ahead }),
    untrusted: await issueCertificate(await createAuthority('another'), leaf),
  };
  front = await Front.start(
    { spawnOutside: ([program = '', ...args]) => spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] }) },
    {
      name: 'a test',
      program: programFile(import.meta.dirname, 'directory-front'),
      configuration: { port, upstreamPort, identities },
    },
    (line) => kept.push(line),
  );
});
afterAll(async () => {
  await front.end();
  behind.closeAllConnections();
  behind.close();
});
beforeEach(() => void kept.splice(0));

async function ask(method = 'GET', path = '/dir', withinMs = 10_000) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined;
    headers: Record<string, unknown>;
    body: string;
  }>();
  const options = { host: '127.0.0.1', port, method, path, ca: root, servername: host, agent: false } as const;
  const signal = AbortSignal.timeout(withinMs);
  const call = request({ ...options, headers: { host: `${host}:${port}` }, signal }, (answer) => {
    text(answer).then(
      (body) => resolve({ status: answer.statusCode, headers: answer.headers, body }),
      (error: unknown) => reject(error),
    );
  });
  call.once('error', reject);
  call.end();
  return await promise;
}

test('it passes requests on under its own name until it fails, and again afterwards', async () => {
  expect(await ask()).toMatchObject({ status: 200, body: `GET ${host}:${port}` });
  expect((await ask('HEAD')).headers).toMatchObject({ 'replay-nonce': 'fresh' });
  await front.fail({ kind: 'status', status: 500, problem: 'serverInternal' });
  expect(await ask()).toMatchObject({ status: 500, body: expect.stringContaining(':serverInternal') });
  await front.fail(null);
  expect(await ask()).toMatchObject({ status: 200 });
  expect(kept).toEqual([expect.stringMatching(/^Front \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d GET \/dir -> 500$/)]);
});

test('a status with Retry-After, for some paths only', async () => {
  await front.fail({ kind: 'status', status: 429, problem: 'rateLimited', retryAfterSeconds: 20, below: '/order' });
  expect(await ask('POST', '/order')).toMatchObject({ status: 429, headers: { 'retry-after': '20' } });
  expect(await ask('POST', '/other')).toMatchObject({ status: 200 });
});

test('another Retry-After, for some paths only', async () => {
  await front.fail({ kind: 'retry-after', seconds: 86_400, below: '/info' });
  expect(await ask('GET', '/info/a')).toMatchObject({ status: 200, headers: { 'retry-after': '86400' } });
  expect(kept).toEqual([expect.stringMatching(/ GET \/info\/a -> 200, Retry-After: 86400$/)]);
  expect((await ask('GET', '/other')).headers).not.toHaveProperty('retry-after');
});

test('a page instead of a problem document', async () => {
  await front.fail({ kind: 'status', status: 503 });
  expect(await ask()).toMatchObject({ status: 503, headers: { 'content-type': 'text/html' } });
});

test('connections are refused', async () => {
  await front.fail({ kind: 'refused' });
  await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('nothing is answered', async () => {
  await front.fail({ kind: 'silent' });
  await expect(ask('GET', '/dir', 1_000)).rejects.toMatchObject({ name: 'AbortError' });
});

test('a connection is reset in the middle of an answer', async () => {
  await front.fail({ kind: 'reset' });
  await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
});

test('each answer waits', async () => {
  await front.fail({ kind: 'slow', delayMs: 1_000 });
  const before = performance.now();
  expect(await ask()).toMatchObject({ status: 200 });
  expect(performance.now() - before).toBeGreaterThan(900);
});

test('every POST has a bad nonce, and gets a fresh one', async () => {
  await front.fail({ kind: 'bad-nonce' });
  expect(await ask('POST')).toMatchObject({
    status: 400,
    headers: { 'replay-nonce': 'fresh' },
    body: expect.stringContaining(':badNonce'),
  });
  expect(await ask('GET')).toMatchObject({ status: 200 });
});

test('an order that is valid is told as processing, without its certificate', async () => {
  await front.fail({ kind: 'processing' });
  expect(JSON.parse((await ask('POST', '/order')).body)).toEqual({ status: 'processing', finalize: order.finalize });
});

test('another certificate', async () => {
  await front.fail({ kind: 'certificate', is: 'expired' });
  await expect(ask()).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' });
  await front.fail({ kind: 'certificate', is: 'not-yet-valid' });
  await expect(ask()).rejects.toMatchObject({ code: 'CERT_NOT_YET_VALID' });
  await front.fail({ kind: 'certificate', is: 'untrusted' });
  await expect(ask()).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  await front.fail(null);
  expect(await ask()).toMatchObject({ status: 200 });
});
