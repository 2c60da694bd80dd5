import { expect, test } from 'vitest';
import { UserError } from '../../user-error.ts';
import { type CaCheck, passed } from '../catalogue/check.ts';
import type { DnsResponder } from '../client/responders.ts';
import { AcmeSession, type SessionOptions } from '../client/session.ts';
import { type HttpAnswer, type HttpRequest, NoAnswerError, type Transport } from '../client/transport.ts';
import { withDeviation } from '../deviations/named-deviation-fixture.ts';
import { FakeCa, fakeDirectory } from '../testing/fake-ca.ts';
import { conformanceSchema } from './conformance.ts';
import { runConformance, selectChecks } from './run-conformance.ts';

function answering(answer: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>): Transport {
  return { send: async (request) => answer(request) };
}

function answer(status: number, body = '', headers: HttpAnswer['headers'] = {}): HttpAnswer {
  return { status, headers, body };
}

async function run(transport: Transport, more: Partial<SessionOptions> = {}) {
  const session = new AcmeSession({
    ...{ directoryUrl: fakeDirectory, transport, userAgent: 'test', domain: 'padlock.test' },
    withoutIssuance: 'the fake CA issues nothing',
    ...more,
  });
  const { conformance, errorExitCode } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'standard', only: [], caBundle: false },
  });
  conformanceSchema.parse(conformance);
  const { error, result, summary, requests } = conformance;
  return { conformance, error, result, summary, requests, errorExitCode };
}

test('HTML instead of a directory is reported in one sentence', async () => {
  const { error, errorExitCode, result, summary } = await run(answering(() => answer(200, '<html>')));
  expect(error).toBe(`${fakeDirectory} is not an ACME directory: the answer is not a JSON object.`);
  expect([errorExitCode, result, summary.passed, summary.failed]).toEqual([2, 'error', 0, 0]);
});

test('an answer that is not a directory is in the report', async () => {
  const { conformance } = await run(answering(() => answer(200, '<html>')));
  expect(conformance.checks[0]?.exchanges).toEqual([1]);
  expect(conformance.exchanges).toMatchObject([{ url: fakeDirectory, status: 200, body: '<html>' }]);
});

test('JSON that is not a directory, and an invalid status', async () => {
  expect((await run(answering(() => answer(200, '{"keys":[]}')))).error).toContain(
    'has neither newNonce nor newAccount',
  );
  expect((await run(answering(() => answer(404, 'no')))).error).toBe(
    `${fakeDirectory} is not an ACME directory: the server answered 404.`,
  );
});

test('a redirect is not followed', async () => {
  const { error, requests, errorExitCode } = await run(answering(() => answer(302, '', { location: [fakeDirectory] })));
  expect(error).toContain(`redirects to ${fakeDirectory}, and Padlock follows no redirects`);
  expect([requests, errorExitCode]).toEqual([1, 2]);
});

test.each([
  [429, { 'retry-after': ['7'] }, 'with 429 and asks to wait 7 s', [7000]],
  [503, {}, 'with 503 and does not say when to come back', []],
  [429, { 'retry-after': ['86400'] }, 'asks to wait 86400 s', []],
])('a CA that answers %i with %j to everything ends the run', async (status, headers, sentence, waits) => {
  const waited: number[] = [];
  const wait = async (ms: number) => waited.push(ms);
  const { error, errorExitCode, result } = await run(
    answering(() => answer(status, '', headers)),
    { wait },
  );
  expect(error).toContain(sentence);
  expect(waited).toEqual(waits);
  expect([errorExitCode, result]).toEqual([3, 'error']);
});

test('the run honours Retry-After, then continues', async () => {
  const ca = new FakeCa();
  const waited: number[] = [];
  let busy = true;
  const transport = answering((request) => {
    if (request.method !== 'POST' || !busy) return ca.send(request);
    busy = false;
    return answer(503, '', { 'retry-after': ['2'] });
  });
  const { result } = await run(transport, { wait: async (ms) => waited.push(ms) });
  expect(waited).toEqual([2000]);
  expect(result).toBe('passed');
});

test('a CA that stops answering breaks no requirement, and the run ends soon', async () => {
  const ca = new FakeCa();
  let left = 30;
  const transport = answering((request) => {
    left -= 1;
    if (left < 0) throw new NoAnswerError(`${request.method} ${request.url} got no answer: for this test.`);
    return ca.send(request);
  });
  const { error, errorExitCode, result, summary, requests, conformance } = await run(transport);
  expect(error).toMatch(/got no answer: for this test\.$/);
  expect([errorExitCode, result]).toEqual([3, 'error']);
  expect([summary.failed, summary.warned > 0]).toEqual([0, true]);
  expect(summary.passed).toBeGreaterThan(0);
  // Those of the lanes that run at once, and the clean-up, come on top of the 30.
  expect(requests).toBeLessThan(50);
  expect(conformance.cleanUp.left.some((problem) => problem.includes('was not deactivated'))).toBe(true);
});

test('good nonces that are refused by chance are tried again with the new one', async () => {
  const ca = new FakeCa();
  let posts = 0;
  const problem = '{"type":"urn:ietf:params:acme:error:badNonce"}';
  const transport = answering(async (request) => {
    const { protected: header = '' } = JSON.parse(request.body ?? '{}') as { protected?: string };
    const { nonce } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8') || '{}') as { nonce?: string };
    // An invalid nonce is refused as malformed, and not by chance.
    const isNonce = nonce !== undefined && /^[\w-]+$/.test(nonce);
    posts += isNonce ? 1 : 0;
    if (!isNonce || posts % 5 !== 0) return ca.send(request);
    const { headers } = await ca.send({ method: 'HEAD', url: 'https://ca.test/new-nonce', headers: {} });
    return { status: 400, headers: { ...headers, 'content-type': ['application/problem+json'] }, body: problem };
  });
  const { conformance } = await run(transport);
  expect(conformance.checks.filter(({ verdict }) => verdict === 'failed').map(({ id }) => id)).toEqual([]);
});

test('a CA that makes no accounts leaves the result partial, with the reason', async () => {
  const ca = new FakeCa({ externalAccounts: {} });
  const { result, summary, conformance } = await run(ca);
  expect(result).toBe('partial');
  expect(summary.failed).toBe(0);
  expect(conformance.problems[0]).toContain('give --eab-kid and --eab-hmac-key-file');
});

test('a Location that is no URL is reported and does not end the run', async () => {
  const ca = new FakeCa();
  const transport = answering(async (request) => {
    const real = await ca.send(request);
    const { location, ...headers } = real.headers;
    return location === undefined ? real : { ...real, headers: { ...headers, location: ['https://['] } };
  });
  const { result, error, conformance } = await run(transport);
  expect([result, error]).toEqual(['partial', null]);
  expect(conformance.problems[0]).toContain('Location https://[');
});

test('an internal error prevents neither the report nor the clean-up', async () => {
  const ca = new FakeCa();
  const transport = answering(async (request) => {
    if (request.method === 'POST' && request.url.endsWith('/key-change')) throw new TypeError('for this test');
    return ca.send(request);
  });
  const { error, errorExitCode, summary } = await run(transport);
  expect(error).toBe('Padlock itself failed in the check key-change (TypeError: for this test); please report it.');
  expect(errorExitCode).toBe(3);
  expect(summary.passed).toBeGreaterThan(40);
  expect(ca.accounts.map(({ status }) => status)).toEqual(ca.accounts.map(() => 'deactivated'));
});

test('the number of requests is limited', async () => {
  const { error, requests, conformance } = await run(new FakeCa(), { maxRequests: 10 });
  expect(error).toBe('The run ended at its limit of 10 requests; --max-requests sets another.');
  // Each account is deactivated by one request, and perhaps one for a nonce before it.
  expect(requests).toBeLessThanOrEqual(10 + 2 * conformance.cleanUp.accountsDeactivated);
});

test('an interruption ends the run with a report, after the accounts were deactivated', async () => {
  const ca = new FakeCa();
  const stop = new AbortController();
  const transport = answering(async (request) => {
    const real = await ca.send(request);
    if (ca.accounts.length === 1) stop.abort(new Error('interrupted'));
    return real;
  });
  const { conformance } = await run(transport, { signal: stop.signal });
  expect(conformance).toMatchObject({ result: 'error', error: 'The run was interrupted.' });
  // Lanes run side by side: more than one account may have been made by then.
  expect(new Set(ca.accounts.map(({ status }) => status))).toEqual(new Set(['deactivated']));
});

test('an interruption before the first answer leaves a report, too', async () => {
  const stop = new AbortController();
  const transport: Transport = {
    send: (_, signal) => {
      stop.abort(new Error('interrupted'));
      return Promise.reject(signal?.reason);
    },
  };
  const { conformance } = await run(transport, { signal: stop.signal });
  expect(conformance).toMatchObject({ result: 'error', error: 'The run was interrupted.', checks: [] });
});

test('an interruption is reported even if a MUST was violated before', async () => {
  const ca = withDeviation('alg-none-accepted', new FakeCa(), fakeDirectory);
  const stop = new AbortController();
  const session = new AcmeSession({
    ...{ directoryUrl: fakeDirectory, transport: ca, userAgent: 'test', domain: 'padlock.test', signal: stop.signal },
  });
  const { conformance } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'standard', only: [], caBundle: false },
    onResult: ({ verdict }) => {
      if (verdict === 'failed') stop.abort(new Error('interrupted'));
    },
  });
  expect(conformance).toMatchObject({ result: 'error', error: 'The run was interrupted.', summary: { failed: 1 } });
});

test("the user's DNS hook that fails ends the run with its own words", async () => {
  const broken = new UserError('The DNS hook failed: no zone.', { exitCode: 3 });
  const dns: DnsResponder = {
    ...{ isOwn: false, addresses: [], queries: () => [] },
    ...{ set: () => Promise.reject(broken), fail: () => Promise.reject(broken) },
  };
  const check: CaCheck = {
    ...{ id: 'one', group: 1, rfc: 8555, section: '8.4', level: 'MUST', basis: 'keyword', asserts: 'it' },
    ...{ profile: 'standard', feature: null, run: async () => passed(String(await dns.set('a', 'TXT', []))) },
  };
  const session = new AcmeSession({
    ...{ directoryUrl: fakeDirectory, transport: new FakeCa(), userAgent: 'test', domain: 'padlock.test' },
  });
  const { conformance, errorExitCode } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'standard', only: [], caBundle: false, checks: [check] },
  });
  expect([errorExitCode, conformance.result]).toEqual([3, 'error']);
  expect(conformance.error).toBe('The DNS hook failed: no zone.');
});

test('the profile read-only makes neither accounts nor orders', async () => {
  const ca = new FakeCa();
  const session = new AcmeSession({
    ...{ directoryUrl: fakeDirectory, transport: ca, userAgent: 'test', domain: 'padlock.test' },
  });
  const { conformance } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'read-only', only: [], caBundle: false },
  });
  expect(conformance.result).toBe('passed');
  expect(conformance.summary.passed).toBeGreaterThan(30);
  expect(ca.accounts).toEqual([]);
  expect(ca.requests.some(({ url }) => url.endsWith('/new-order'))).toBe(false);
});

test('a section is selected with its subsections', () => {
  const sections = new Set(selectChecks('standard', ['6.5', '7.4']).map(({ section }) => section));
  expect(sections).toContain('6.5.1');
  expect([...sections].filter((section) => !/^(6\.5|7\.4)(\.|$)/.test(section))).toEqual([]);
});

test('a bare number is a section of RFC 8555; a section of another RFC has the RFC as a prefix', () => {
  const rfcsOf = (only: string) => new Set(selectChecks('exhaustive', [only]).map(({ rfc }) => rfc));
  expect(rfcsOf('7.4')).toEqual(new Set([8555]));
  expect(rfcsOf('9773:4')).toEqual(new Set([9773]));
  expect(selectChecks('exhaustive', ['4'])).toEqual([]);
});
