import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { serverCertificate } from '../../acme/client/self-signed-certificate.ts';
import { HttpsTransport } from '../../acme/client/transport.ts';
import { FakeCa } from '../../acme/testing/fake-ca.ts';
import { type DeviateOptions, deviate } from './deviate.ts';

let out: string;
let err: string;
let folder: string;
let server: Server | undefined;
let told: () => void;

beforeEach(async () => {
  [out, err] = ['', ''];
  folder = await mkdtemp(join(tmpdir(), 'padlock-deviate-'));
  told = () => undefined;
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    told();
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

/** A CA over real HTTPS, whose URLs begin with the Host of the request, or with the same name always. */
async function serveFakeCa(base?: string): Promise<string> {
  const { certificate, key } = await serverCertificate('localhost', ['localhost']);
  await writeFile(join(folder, 'upstream.pem'), certificate);
  const ca = new FakeCa();
  const started = createServer({ cert: certificate, key }, async (request, response) => {
    ca.base = base ?? `https://${request.headers.host}`;
    const url = `${ca.base}${request.url}`;
    const answer = await ca.send({ method: request.method as 'GET', url, headers: {} });
    for (const [name, values] of Object.entries(answer.headers)) response.setHeader(name, [...values]);
    response.writeHead(answer.status).end(answer.body);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, 'localhost', resolve));
  return `https://localhost:${(started.address() as AddressInfo).port}`;
}

const defaults: DeviateOptions = { listen: '127.0.0.1:0', list: false, json: false };

function run(name: string | undefined, options: Partial<DeviateOptions>, signal = new AbortController().signal) {
  return deviate(name, { ...defaults, ...options }, { signal, end: async () => undefined });
}

const upstreamCa = () => join(folder, 'upstream.pem');

test('it serves the CA behind with the deviation until it is stopped', async () => {
  const upstream = `${await serveFakeCa()}/directory`;
  const stop = new AbortController();
  const started = new Promise<void>((resolve) => {
    told = resolve;
  });
  const file = join(folder, 'deviant.pem');
  const ended = run(
    'directory-without-key-change',
    { upstream, upstreamCa: upstreamCa(), tlsCertificateOut: file },
    stop.signal,
  );
  await Promise.race([started, ended]);
  const url = out.trim();
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/directory$/);
  expect(err).toContain('The directory has no keyChange. Checks that fail: directory-names-every-resource.');
  {
    await using transport = new HttpsTransport({ trustedRoots: await readFile(file, 'utf8') });
    const directory = JSON.parse((await transport.send({ method: 'GET', url, headers: {} })).body);
    expect(directory.newOrder).toBe(url.replace('/directory', '/new-order'));
    expect(directory.keyChange).toBeUndefined();
  }
  stop.abort();
  expect(await ended).toBe(0);
});

test('the certificate is printed if no file is named', async () => {
  const upstream = `${await serveFakeCa()}/directory`;
  expect(await run('no-index-link', { upstream, upstreamCa: upstreamCa() }, AbortSignal.abort())).toBe(0);
  expect(out).toMatch(
    /^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\nhttps:\/\/127\.0\.0\.1:\d+\/directory\n$/,
  );
});

test('--list has every deviation, as text and as JSON', async () => {
  expect(await run(undefined, { list: true })).toBe(0);
  expect(out).toMatch(/^replayed-nonce-accepted +newAccount accepts a used nonce\. \(RFC 8555 section 6\.5\)$/m);
  out = '';
  expect(await run(undefined, { list: true, json: true })).toBe(0);
  expect(JSON.parse(out)).toContainEqual({
    name: 'replayed-nonce-accepted',
    describes: 'newAccount accepts a used nonce.',
    rfc: 8555,
    section: '6.5',
    breaks: ['replayed-nonce'],
  });
});

test.each<[string, string | undefined, Partial<DeviateOptions>, string]>([
  ['no name', undefined, {}, 'Name a deviation. padlock deviate --list lists them.'],
  [
    'an unknown name',
    'order-by-got',
    {},
    "Unknown deviation 'order-by-got' (did you mean order-by-get?). 'padlock deviate --list'",
  ],
  ['no upstream', 'order-by-get', {}, 'Pass the directory URL of the upstream CA with --upstream.'],
  ['plain http', 'order-by-get', { upstream: 'http://localhost/dir' }, 'is not an https URL'],
  ['no URL', 'order-by-get', { upstream: 'pebble' }, '--upstream pebble is not an https URL.'],
  ['a password', 'order-by-get', { upstream: 'https://a:b@localhost/' }, 'contains a user or password'],
  ['no port', 'order-by-get', { listen: 'localhost' }, '--listen localhost is not HOST:PORT'],
  ['too large a port', 'order-by-get', { listen: 'localhost:70000' }, 'is not HOST:PORT'],
  [
    'a root that is not there',
    'order-by-get',
    { upstream: 'https://localhost/', upstreamCa: '/nowhere.pem' },
    'Cannot read --upstream-ca /nowhere.pem: no such file or folder (ENOENT).',
  ],
  [
    'nothing behind',
    'order-by-get',
    { upstream: 'https://localhost:1/dir' },
    '--upstream: GET https://localhost:1/dir got no answer: ',
  ],
])('%s: one sentence', async (_, name, options, message) => {
  await expect(run(name, options)).rejects.toThrow(message);
});

test('an invalid root, an unwritable file, and a page that is not a directory are each reported in one sentence', async () => {
  const base = await serveFakeCa();
  const trusted = { upstream: `${base}/directory`, upstreamCa: upstreamCa() };
  await writeFile(join(folder, 'none.pem'), 'none');
  await expect(run('order-by-get', { ...trusted, upstreamCa: join(folder, 'none.pem') })).rejects.toThrow(
    'has no PEM certificate in it',
  );
  await expect(run('order-by-get', { ...trusted, tlsCertificateOut: join(folder, 'no', 'file') })).rejects.toThrow(
    'Cannot write --tls-certificate-out',
  );
  await expect(run('order-by-get', { ...trusted, upstream: `${base}/nowhere` })).rejects.toThrow(
    'is not an ACME directory: the server answered 405',
  );
  await expect(run('order-by-get', { upstream: trusted.upstream })).rejects.toThrow('--upstream: GET');
});

test('a CA that does not build its URLs from the Host header cannot stand behind', async () => {
  const upstream = `${await serveFakeCa('https://ca.test')}/directory`;
  await expect(run('order-by-get', { upstream, upstreamCa: upstreamCa() })).rejects.toThrow(
    'cannot be proxied: its URL https://ca.test/new-nonce bypasses https://127.0.0.1:',
  );
});
