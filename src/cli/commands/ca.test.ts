import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { groups } from '../../acme/catalogue/catalogue.ts';
import type { Transport } from '../../acme/client/transport.ts';
import { withDeviation } from '../../acme/deviations/named-deviation-fixture.ts';
import { conformanceSchema } from '../../acme/runner/conformance.ts';
import { FakeCa } from '../../acme/testing/fake-ca.ts';
import { type CapturedOutput, captureOutput } from '../captured-output-fixture.ts';
import { main } from '../command-line.ts';

let said: CapturedOutput;
let folder: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-ca-'));
  said = captureOutput();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

/** A CA over real HTTP: the fake one, whose URLs are changed to those of the server. */
async function serveFakeCa(deviation?: string): Promise<string> {
  const ca = new FakeCa();
  let base = '';
  let transport: Transport = ca;
  base = await serve(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const answer = await transport.send({
      method: request.method as 'GET' | 'HEAD' | 'POST',
      url: `${base}${request.url}`,
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      body: Buffer.concat(chunks).toString('utf8'),
    });
    for (const [name, values] of Object.entries(answer.headers)) response.setHeader(name, [...values]);
    response.writeHead(answer.status).end(answer.body);
  });
  ca.base = base;
  if (deviation !== undefined) transport = withDeviation(deviation, ca, `${base}/directory`);
  return `${base}/directory`;
}

async function written() {
  return conformanceSchema.parse(JSON.parse(await readFile(join(folder, 'conformance.json'), 'utf8')));
}

test.each([
  [[], 'Pass the URL of the directory with --directory, or use --list.'],
  [['--directory', 'ca.test'], '--directory ca.test is not an https URL.'],
  [['--directory', 'http://ca.test/'], 'uses plain http, which is allowed on loopback only'],
  [['--directory', 'https://me:secret@ca.test/'], '--directory contains a user or password'],
  [['--directory', 'https://acme-v02.api.letsencrypt.org/directory'], 'add --i-know-this-is-production.'],
  [['--directory', 'https://ca.test/', '--only', '6.5,99'], "--only: no check covers section '99'. Sections: "],
  [
    ['--directory', 'https://ca.test/', '--only', '7.4', '--profile', 'read-only'],
    'the profile read-only has no check',
  ],
  [['--directory', 'https://ca.test/', '--eab-kid', 'kid'], 'needs both --eab-kid and --eab-hmac-key-file.'],
  [
    ['--directory', 'https://ca.test/', '--eab-kid', 'one', 'two', '--eab-hmac-key-file', 'file'],
    '--eab-kid has 2 external accounts, but --eab-hmac-key-file has 1 files. Pass one file per account, in the same order.',
  ],
  [
    ['--directory', 'https://ca.test/', '--ca-bundle', '/no/such'],
    'Cannot read --ca-bundle /no/such: no such file or folder (ENOENT).',
  ],
  [
    ['--directory', 'https://127.0.0.1/', '--http-port', '99999'],
    '--http-port 99999: a port is a number from 0 to 65535',
  ],
  [['--directory', 'https://127.0.0.1/', '--dns', '5353'], '--dns 5353 is not ADDRESS:PORT'],
  [
    ['--directory', 'https://127.0.0.1/', '--dns', '127.0.0.1:0', '--dns-hook', '/h'],
    'Pass either --dns or --dns-hook, not both',
  ],
  [['--directory', 'https://127.0.0.1/', '--address', 'here'], '--address here is not an IP address.'],
  [['--directory', 'https://127.0.0.1/', '--listen', 'here'], '--listen here is not an IP address.'],
  [['--directory', 'https://127.0.0.1/', '--contact', 'me@ca.test'], '--contact me@ca.test is not a URL'],
  [['--directory', 'https://127.0.0.1/', '--account-key', '/no/such'], 'Cannot read --account-key /no/such'],
  [['--directory', 'https://127.0.0.1/', '--pre-validated', 'a b'], '--pre-validated a b is not a domain name'],
  [['--directory', 'https://127.0.0.1/', '--name', 'a.test', '--pre-validated', 'b.test'], 'not both'],
  [['--directory', 'https://127.0.0.1/', '--domain', 'a b'], '--domain a b is not a domain name'],
  [['--directory', 'https://127.0.0.1/', '--dns-hook', '/no/such'], '--dns-hook /no/such is not an executable program'],
  [
    ['--directory', 'https://127.0.0.1/', '--listen', '192.0.2.1', '--http-port', '0'],
    'this machine has no such address',
  ],
])('%j is wrong usage, in one sentence', async (argv, sentence) => {
  expect(await main(['ca', ...argv])).toBe(2);
  expect(said.err).toContain(sentence);
  expect(said.err.trimEnd().split('\n')).toHaveLength(1);
  expect(said.err).not.toContain('secret');
});

test('a MAC key in another encoding, and a bundle without a certificate', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'abc+/==');
  const key = ['--eab-kid', 'kid', '--eab-hmac-key-file', file];
  expect(await main(['ca', '--directory', 'https://ca.test/', ...key])).toBe(2);
  expect(said.err).toContain('is not base64url without padding');
  expect(said.err).not.toContain('abc+');
  expect(await main(['ca', '--directory', 'https://ca.test/', '--ca-bundle', file])).toBe(2);
  expect(said.err).toContain('has no PEM certificate in it.');
});

test('--list prints every group with its state', async () => {
  expect(await main(['ca', '--list'])).toBe(0);
  expect(said.out).toContain('6. Refused nonces (implemented)');
  expect(said.out).toContain('replayed-nonce  RFC 8555 section 6.5  MUST');
  expect(said.out).toMatch(/^30\. http-01 \(/m);
  expect(said.out.match(/^\d+\. /gm)).toHaveLength(groups.length);
});

test('a conforming CA over real HTTP: exit code 0, tables and the report', async () => {
  const options = ['--report', folder, '--skip', 'issuance'];
  expect(await main(['ca', '--directory', await serveFakeCa(), ...options])).toBe(0);
  expect(said.out).toContain('RFC 8555 section 6.5\n');
  expect(said.out).toMatch(/^passed, profile standard: \d+ passed, 0 failed, 0 warned/m);
  const { result, checks, cleanUp, exchanges } = await written();
  expect(result).toBe('passed');
  expect(cleanUp).toMatchObject({ state: 'done', left: [] });
  expect(cleanUp.accountsDeactivated).toBeGreaterThan(0);
  expect(cleanUp.exchanges.length).toBeGreaterThan(0);
  const replayed = checks.find(({ id }) => id === 'replayed-nonce');
  expect(exchanges.find(({ number }) => number === replayed?.exchanges.at(-1))).toMatchObject({
    method: 'POST',
    status: 400,
    sent: { payload: { onlyReturnExisting: true } },
  });
});

test('a report folder that cannot be written: exit code 2 before the first request', async () => {
  let requests = 0;
  const directory = await serve((_, response) => {
    requests += 1;
    response.end('{}');
  });
  expect(await main(['ca', '--directory', `${directory}/`, '--report', '/proc/padlock-report'])).toBe(2);
  expect(said.err).toMatch(
    /^Cannot write the report to \/proc\/padlock-report: [^\n]+; name another folder with --report DIR\.\n$/,
  );
  expect(requests).toBe(0);
});

test('a MUST that is not kept: exit code 1; --json prints the report', async () => {
  const directory = await serveFakeCa('replayed-nonce-accepted');
  expect(await main(['ca', '--directory', directory, '--report', folder, '--only', '6.5', '--json'])).toBe(1);
  expect(JSON.parse(said.out)).toEqual(JSON.parse(await readFile(join(folder, 'conformance.json'), 'utf8')));
  const failed = (await written()).checks.filter(({ verdict }) => verdict === 'failed').map(({ id }) => id);
  expect(failed).toEqual(['replayed-nonce']);
});

test('only a SHOULD that is not kept: exit code 0', async () => {
  const directory = await serveFakeCa('eddsa-refused');
  expect(await main(['ca', '--directory', directory, '--report', folder, '--profile', 'read-only'])).toBe(0);
  expect((await written()).summary).toMatchObject({ failed: 0, warned: 1 });
});

test.each([
  [
    'a redirect loop',
    2,
    'follows no redirects',
    ((_, response) => response.writeHead(302, { location: '/' }).end()) as RequestListener,
  ],
  ['garbage', 2, 'the answer is not a JSON object', ((_, response) => response.end('{"newNonce":')) as RequestListener],
  ['429 to everything', 3, ' with 429 and ', ((_, response) => response.writeHead(429).end()) as RequestListener],
])('%s: exit code %i, one sentence, and the report is written', async (_, code, sentence, listener) => {
  expect(await main(['ca', '--directory', `${await serve(listener)}/`, '--report', folder])).toBe(code);
  expect(said.err.split('\n').filter((line) => line.includes(sentence))).toHaveLength(1);
  const { result, error, summary } = await written();
  expect([result, summary.passed]).toEqual(['error', 0]);
  expect(error).toContain(sentence);
});

test('known deviations: exit code 0 while nothing changed, 1 for a new or a vanished one, 2 for an expired file', async () => {
  const file = join(folder, 'expectations.yaml');
  const entry = (check: string, verdict: string, expires = '2999-01-01') =>
    `  - {checks: [${check}], verdict: ${verdict}, reason: known, issue: '7', expires: ${expires}}\n`;
  const directory = await serveFakeCa('replayed-nonce-accepted');
  const options = [
    'ca',
    '--directory',
    directory,
    '--report',
    folder,
    '--only',
    '6.5',
    '--skip',
    'issuance',
    '--expectations',
    file,
  ];
  await writeFile(file, `deviations:\n${entry('replayed-nonce', 'failed')}`);
  expect(await main(options)).toBe(0);
  expect(said.out).toContain('As expected: 1 of 1 known deviations were seen.');
  expect((await written()).gate).toMatchObject({ result: 'unchanged' });
  expect((await written()).result).toBe('failed');

  await writeFile(file, `deviations:\n${entry('replayed-nonce', 'failed')}${entry('invented-nonce', 'failed')}`);
  expect(await main(options)).toBe(1);
  expect(said.out).toContain('invented-nonce was expected to be failed and passed: remove it from the expectations.');

  await writeFile(file, 'deviations: []\n');
  expect(await main(options)).toBe(1);
  expect(said.out).toContain('replayed-nonce is new and failed: ');

  said.err = '';
  await writeFile(file, `deviations:\n${entry('replayed-nonce', 'failed', '2020-01-01')}`);
  expect(await main(options)).toBe(2);
  expect(said.err).toMatch(
    /^The expectations file \S+ has expired: the deviation replayed-nonce was accepted until 2020-01-01\. [^\n]*\n$/,
  );
});

test('a declaration tells what is not claimed from what was skipped', async () => {
  const file = join(folder, 'ca.yaml');
  await writeFile(
    file,
    `implementation: {organization: Us, project: Ours, url: 'https://ca.test', version: '1', contact: [me]}
features: [tls-alpn-01, account-key-change]
`,
  );
  const options = ['--report', folder, '--skip', 'issuance', '--declaration', file];
  expect(await main(['ca', '--directory', await serveFakeCa(), ...options])).toBe(4);
  const { problems, checks, features, summary, declaration } = await written();
  expect(problems).toContain('The CA claims features that no check of this run could judge: tls-alpn-01.');
  expect(declaration?.implementation.project).toBe('Ours');
  const verdictOf = (wanted: string) => checks.find(({ id }) => id === wanted)?.verdict;
  expect([verdictOf('ip-http-01'), verdictOf('tls-alpn-01-hello')]).toEqual(['not-claimed', 'skipped']);
  expect(features?.find(({ name }) => name === 'account-key-change')).toMatchObject({ claimed: true, failed: 0 });
  expect(summary.notClaimed).toBeGreaterThan(5);
});

test('two reports are compared, and a report begins an expectations file', async () => {
  const [before, after] = [join(folder, 'before'), join(folder, 'after')];
  const options = ['--only', '6.5', '--skip', 'issuance', '--report'];
  expect(await main(['ca', '--directory', await serveFakeCa(), ...options, before])).toBe(0);
  server?.closeAllConnections();
  server?.close();
  expect(await main(['ca', '--directory', await serveFakeCa('replayed-nonce-accepted'), ...options, after])).toBe(1);
  said.out = '';
  expect(await main(['ca', 'compare', before, after])).toBe(1);
  expect(said.out).toContain('`replayed-nonce` (MUST): passed → failed.');
  expect(await main(['ca', 'compare', after, before])).toBe(0);
  said.out = '';
  expect(await main(['ca', 'compare', before, after, '--json'])).toBe(1);
  expect(JSON.parse(said.out)).toMatchObject({ regression: true });
  said.err = '';
  expect(await main(['compare', before, after])).toBe(2);
  expect(said.err).toBe(`${before} is a report of padlock ca: compare it with 'padlock ca compare'.\n`);
  await rm(join(after, 'index.html'));
  expect(await main(['report', after])).toBe(0);
  expect(await readFile(join(after, 'index.html'), 'utf8')).toContain('ACME conformance: failed');
  said.out = '';
  expect(await main(['ca', 'expectations', after])).toBe(0);
  expect(said.out).toContain('  - checks: [replayed-nonce]\n    verdict: failed\n');
  expect(await main(['ca', 'compare', folder, after])).toBe(2);
});

test('a result is published with its declaration, and without its exchanges', async () => {
  const file = join(folder, 'ca.yaml');
  await writeFile(
    file,
    `implementation: {organization: Us, project: Our CA, url: 'https://ca.test', version: '1.2', contact: [me]}
features: []
`,
  );
  const directory = await serveFakeCa();
  const report = join(folder, 'report');
  const into = join(folder, 'results');
  const run = ['ca', '--directory', directory, '--skip', 'issuance', '--report', report];
  expect(await main([...run, '--only', '6.5'])).toBe(0);
  expect(await main(['ca', 'result', report, '--into', into])).toBe(2);
  expect(said.err).toContain('The report does not say who makes the CA: run padlock ca with --declaration.');
  expect(await main([...run, '--declaration', file])).toBe(0);
  expect(await main(['ca', 'result', report, '--into', into])).toBe(0);
  const place = join(into, 'our-ca', '1.2', 'default-standard');
  expect(said.out).toContain(`${place}\n`);
  const result = JSON.parse(await readFile(join(place, 'result.json'), 'utf8'));
  expect(result).not.toHaveProperty('exchanges');
  expect(result.reportSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(await readFile(join(place, 'badge.svg'), 'utf8')).toContain('<title>RFC 8555: MUST ');
});

test('several directories stand in one report, also one with a query', async () => {
  const good = await serveFakeCa();
  const both = ['--directory', good, `${good}?client_auth=true`, '--report', folder, '--skip', 'issuance'];
  expect(await main(['ca', ...both, '--only', '7.2'])).toBe(0);
  expect(said.out).toContain('# ACME conformance of 2 directories: passed');
  expect(said.err).toContain('At most 1500 requests, 50 accounts and 200 orders.');
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  const [, second = ''] = [...page.matchAll(/href="([^"]*)\/index\.html"/g)].map(([, name]) => name);
  const report = JSON.parse(await readFile(join(folder, second, 'conformance.json'), 'utf8'));
  expect(report.options.directory).toBe(`${good}?client_auth=true`);
  expect(await main(['ca', '--directory', good, good])).toBe(2);
  expect(said.err).toContain(`--directory names ${good} twice.`);
});

test('a CA server that Padlock does not start is refused with those that it does', async () => {
  expect(await main(['ca-server', 'nope'])).toBe(2);
  expect(said.err).toBe("Unknown CA 'nope'. Known CAs: pebble, step-ca, caddy, acme2certifier.\n");
});
