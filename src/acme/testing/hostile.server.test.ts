import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { AcmeSession, type SessionOptions } from '../client/session.ts';
import {
  type HttpAnswer,
  type HttpRequest,
  HttpsTransport,
  NoAnswerError,
  type Transport,
} from '../client/transport.ts';
import { withHeader, withJson } from '../deviations/answer-change.ts';
import { expectedVerdicts } from '../expected/expected-verdicts.ts';
import type { AcmeServer } from '../loopback/acme-server.ts';
import { startPebble } from '../loopback/pebble.ts';
import { startAllResponders, unansweredAddress } from '../responders/all-responders-fixture.ts';
import { runConformance } from '../runner/run-conformance.ts';

/**
 * Servers in trouble: a real Pebble whose answers get lost, late or wrong. The report says so, and tells no violation of a MUST
 * that Pebble keeps.
 */

const domain = 'ca.padlock.test';
const knownFailures = new Set(
  expectedVerdicts('pebble').verdicts.flatMap(({ verdict, checks }) => (verdict === 'failed' ? checks : [])),
);

let answering: Awaited<ReturnType<typeof startAllResponders>>;
let pebble: AcmeServer;

beforeAll(async () => {
  answering = await startAllResponders(domain);
  pebble = await startPebble({ ...answering.targets, program: inject('serverPrograms').pebble });
}, 60_000);

afterAll(async () => {
  await pebble[Symbol.asyncDispose]();
  await answering[Symbol.asyncDispose]();
});

type Trouble = (request: HttpRequest, forward: () => Promise<HttpAnswer>, count: number) => Promise<HttpAnswer>;

/** Runs the standard profile against Pebble in trouble. Waits of the client take no time, except those on Pebble's own work. */
async function runIn(trouble: Trouble, options: Partial<SessionOptions> = {}) {
  const { directoryUrl, trustedRootsPem: trustedRoots } = pebble;
  await using https = new HttpsTransport({ trustedRoots });
  let count = 0;
  const transport: Transport = {
    send(request, signal) {
      count += 1;
      return trouble(request, () => https.send(request, signal), count);
    },
  };
  const session = new AcmeSession({
    ...{ directoryUrl, transport, responders: answering.responders, domain, userAgent: 'padlock/test' },
    ...{ unreachableAddress: unansweredAddress, stepSeconds: 5, cleanUpSeconds: 10 },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 50))),
    ...options,
  });
  const { conformance, errorExitCode, isPartial } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'standard', only: [], caBundle: true },
  });
  const falseAlarms = conformance.checks.filter(({ id, verdict }) => verdict === 'failed' && !knownFailures.has(id));
  expect(falseAlarms.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
  const count_ = (verdict: string) => conformance.checks.filter((check) => check.verdict === verdict).length;
  return { conformance, errorExitCode, isPartial, passed: count_('passed'), skipped: count_('skipped') };
}

const serverError: HttpAnswer = { status: 500, headers: { 'content-type': ['text/html'] }, body: '<h1>Sorry</h1>' };

function busy(seconds: number): HttpAnswer {
  const body = JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'later', status: 429 });
  return {
    ...{ status: 429, body },
    headers: { 'content-type': ['application/problem+json'], 'retry-after': [String(seconds)] },
  };
}

const limitMs = 90_000;

test('500 to some requests', { timeout: limitMs }, async () => {
  const { conformance, errorExitCode, passed } = await runIn(async (_, forward, count) =>
    count > 5 && count % 23 === 0 ? serverError : forward(),
  );
  expect([errorExitCode, conformance.error]).toEqual([null, null]);
  expect(passed).toBeGreaterThan(100);
  expect(conformance.problems.join(' ')).toMatch(/correct requests a server error or no answer/);
});

test('429 to all requests but the directory and nonces, for a day', { timeout: limitMs }, async () => {
  const { conformance, isPartial } = await runIn(async ({ method }, forward) =>
    method === 'POST' ? busy(86_400) : forward(),
  );
  expect(isPartial).toBe(true);
  expect(conformance.problems.join(' ')).toMatch(/429.*asks to wait 86400 s/);
  expect(conformance.requests).toBeLessThan(100);
});

test('429 to everything', { timeout: limitMs }, async () => {
  const { conformance, errorExitCode } = await runIn(async () => busy(86_400));
  expect([conformance.result, errorExitCode]).toEqual(['error', 3]);
  expect(conformance.error).toMatch(/429.*asks to wait 86400 s; run again later/);
});

test('orders that stay in processing', { timeout: limitMs }, async () => {
  const { conformance, skipped } = await runIn(async (_, forward) => {
    const answer = await forward();
    return withJson(answer, ({ certificate, ...object }) =>
      object.status === 'valid' && 'finalize' in object
        ? { ...object, status: 'processing' }
        : { ...object, ...(certificate === undefined ? {} : { certificate }) },
    );
  });
  expect(conformance.error).toBeNull();
  expect(conformance.problems.join(' ')).toMatch(/waited 5 s for the end of the order; last seen: status "processing"/);
  expect(skipped).toBeGreaterThan(20);
});

test('connections that are closed', { timeout: limitMs }, async () => {
  const { conformance, errorExitCode, passed } = await runIn(async ({ method, url }, forward, count) => {
    if (count > 5 && count % 23 === 0) throw new NoAnswerError(`${method} ${url} got no answer: other side closed.`);
    return forward();
  });
  expect([errorExitCode, conformance.error]).toEqual([null, null]);
  expect(passed).toBeGreaterThan(100);
});

test('certificates of 100 MB', { timeout: limitMs }, async () => {
  const { conformance, errorExitCode } = await runIn(async (request, forward) => {
    const answer = await forward();
    if (answer.headers['content-type']?.[0]?.startsWith('application/pem') !== true) return answer;
    // The real transport ends such an answer: see its test.
    throw new NoAnswerError(`${request.method} ${request.url} got an answer with a body of more than 1048576 bytes.`);
  });
  expect([errorExitCode, conformance.error]).toEqual([null, null]);
  expect(conformance.problems.join(' ')).toMatch(/a body of more than 1048576 bytes/);
});

test('a directory that changes in mid-run', { timeout: limitMs }, async () => {
  const { conformance, errorExitCode } = await runIn(async (request, forward, count) => {
    const answer = await forward();
    return count > 60 && request.url === pebble.directoryUrl
      ? withJson(answer, ({ meta }) => ({
          newNonce: 'https://localhost:1/nonce',
          newOrder: 'https://localhost:1/o',
          meta,
        }))
      : answer;
  });
  expect([errorExitCode, conformance.error]).toEqual([null, null]);
});

test('a clock that is a day ahead', { timeout: limitMs }, async () => {
  const day = 86_400_000;
  const later = (text: string) => new Date(Date.parse(text) + day).toISOString().replace(/\.\d+Z$/, 'Z');
  const { conformance, errorExitCode } = await runIn(async (_, forward) => {
    const answer = await forward();
    const date = answer.headers.date?.[0] ?? new Date().toUTCString();
    const dated = withHeader(answer, 'date', new Date(Date.parse(date) + day).toUTCString());
    // What the client has asked for comes back as it was.
    const times = /("not(?:Before|After)": ?")?\b\d{4}-\d\d-\d\dT[\d:.]+Z/g;
    return {
      ...dated,
      body: dated.body.replaceAll(times, (time, asked) => (asked === undefined ? later(time) : time)),
    };
  });
  expect([errorExitCode, conformance.error]).toEqual([null, null]);
  expect(conformance.problems.join(' ')).toMatch(/The CA's clock is 86[34]\d\d s ahead of this one/);
});
