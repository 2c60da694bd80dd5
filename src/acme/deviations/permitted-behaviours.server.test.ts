import { afterAll, beforeAll, expect, test } from 'vitest';
import { caChecks } from '../catalogue/catalogue.ts';
import { errorType, succeeded } from '../client/answer.ts';
import { HttpsTransport } from '../client/transport.ts';
import { asProblem, withFields, withHeader } from './answer-change.ts';
import { type CheckedPebble, startCheckedPebble } from './checked-pebble-fixture.ts';
import { decision, refuse, type WhichDecision } from './decide-otherwise.ts';
import { DeviantTransport } from './deviant-transport.ts';
import type { Deviation } from './deviation.ts';
import { rfcCorrectPebble } from './rfc-correct-pebble-fixture.ts';
import { readSigned } from './signed-request.ts';

/** What a CA may do, or what says nothing about a requirement: no check may call it a violation. */
interface PermittedBehaviour {
  readonly name: string;
  /** The checks that could mistake it. */
  readonly checks: (check: (typeof caChecks)[number]) => boolean;
  readonly apply: Deviation['apply'];
  /** Checks that can be judged nevertheless. */
  readonly passes?: readonly string[];
}

/** Checks of a wrong answer to a challenge. */
const failing = ['failed-challenge-stays', 'http-01-key-of-another-account'];

const refuseByCaa = (which: WhichDecision) => refuse(which, 'caa');

const inGroups =
  (...groups: readonly number[]): PermittedBehaviour['checks'] =>
  ({ group }) =>
    groups.includes(group);

const dayMs = 86_400_000;

const permitted: readonly PermittedBehaviour[] = [
  {
    // RFC 8555 section 7.6: A server may disallow some or all reason codes.
    name: 'no revocation reason is allowed',
    checks: inGroups(41),
    apply: async (request, forward, conversation) =>
      conversation.isFor(request, 'revokeCert') && readSigned(request)?.fields.reason !== undefined
        ? conversation.problem(400, 'badRevocationReason', 'no reasons')
        : forward(request),
  },
  {
    // RFC 8555 sections 6.5 and 6.5.2 both apply.
    name: 'an ill-encoded nonce is a bad nonce',
    checks: inGroups(6),
    async apply(request, forward) {
      const answer = await forward(request);
      const nonce = readSigned(request)?.header.nonce;
      const isIllEncoded = typeof nonce === 'string' && !/^[\w-]+$/.test(nonce);
      return isIllEncoded && answer.status >= 400 ? asProblem(answer, 400, 'badNonce') : answer;
    },
  },
  {
    name: 'every revocation is refused, whatever its reason: nothing is said about reasons',
    checks: ({ id }) => id === 'bad-revocation-reason',
    apply: async (request, forward, conversation) =>
      conversation.isFor(request, 'revokeCert')
        ? conversation.problem(403, 'unauthorized', 'not offered')
        : forward(request),
  },
  {
    // RFC 8555 section 7.1.3: The authorizations are those that the server requires.
    name: 'one authorization covers several names',
    checks: ({ id }) => id === 'several-names',
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const isMany = answer.body.includes('"several-1.');
      return conversation.isFor(request, 'newOrder') && isMany && succeeded(answer)
        ? withFields(answer, { authorizations: [`${request.url}/one-authorization`] })
        : answer;
    },
  },
  {
    // RFC 8555 section 7.1.6: processing is not valid, and an order that stays so has no certificate.
    name: 'an order is processing after a refused CSR',
    checks: ({ id }) => id === 'refused-csr-issues-nothing',
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      if (conversation.isFor(request, 'finalize') && errorType(answer) === 'badCSR') {
        conversation.memory.set(conversation.parentOf(request.url) ?? '', true);
      }
      const isIt = conversation.isFor(request, 'order') && conversation.memory.has(request.url);
      return isIt && succeeded(answer) ? withFields(answer, { status: 'processing' }) : answer;
    },
  },
  {
    // RFC 8555 section 6.7: An error is 4xx or 5xx.
    name: 'faulty requests meet server errors',
    checks: inGroups(6, 9, 10),
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const isFault = answer.status >= 400 && errorType(answer) !== 'accountDoesNotExist';
      return isFault && conversation.isFor(request, 'newAccount') ? asProblem(answer, 500, 'serverInternal') : answer;
    },
  },
  {
    name: 'reads of orders meet a server error now and then',
    checks: inGroups(36, 38, 39),
    async apply(request, forward, conversation) {
      const read = Number(conversation.memory.get(request.url) ?? 0);
      conversation.memory.set(request.url, read + 1);
      const answer = await forward(request);
      return conversation.isFor(request, 'order', 'authorization') && read % 2 === 0
        ? asProblem(answer, 500, 'serverInternal')
        : answer;
    },
  },
  {
    // RFC 8555 section 6.6.
    name: 'orders meet a rate limit of a day',
    checks: inGroups(20, 21, 36, 38, 43),
    apply: async (request, forward, conversation) =>
      conversation.isFor(request, 'newOrder')
        ? conversation.problem(429, 'rateLimited', 'too many orders', { 'retry-after': ['86400'] })
        : forward(request),
  },
  {
    // RFC 8555 section 7.3.6: A server accepts a deactivation or does not; its answer has the present account.
    name: 'an account is not deactivated',
    checks: inGroups(16),
    async apply(request, forward, conversation) {
      const isAsked = conversation.isFor(request, 'account') && readSigned(request)?.fields.status === 'deactivated';
      const known = isAsked ? await conversation.lastGoodAgain(request.url) : null;
      return known === null ? forward(request) : { ...known, status: 200 };
    },
  },
  {
    // RFC 8555 section 7.5.2, likewise.
    name: 'an authorization is not deactivated',
    checks: inGroups(27),
    async apply(request, forward, conversation) {
      const isAsked =
        conversation.isFor(request, 'authorization') && readSigned(request)?.fields.status === 'deactivated';
      const known = isAsked ? await conversation.lastGoodAgain(request.url) : null;
      return known ?? forward(request);
    },
  },
  {
    name: 'key changes are not offered',
    checks: inGroups(17),
    apply: async (request, forward, conversation) =>
      conversation.isFor(request, 'keyChange')
        ? conversation.problem(403, 'unauthorized', 'not offered')
        : forward(request),
  },
  {
    // RFC 8657: A CA may leave it out.
    name: 'records with parameters permit nobody',
    checks: inGroups(34),
    apply: decision(refuseByCaa, {
      ...{ name: 'permitted', describes: '', rfc: 8657, section: '3', breaks: 'caa-own-account-and-method' },
    }).apply,
  },
  {
    name: 'a failed validation is the answer to the response',
    checks: ({ id }) => failing.includes(id),
    passes: failing,
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const isResponse = conversation.isFor(request, 'challenge') && readSigned(request)?.payload === '{}';
      const parent = conversation.parentOf(request.url);
      const shown = parent === undefined ? '' : (conversation.lastGood(parent)?.body ?? '');
      const isWrong = ['"fails.', '"http-01-key-of-another-account.'].some((name) => shown.includes(name));
      return isResponse && isWrong ? asProblem(answer, 400, 'incorrectResponse') : answer;
    },
  },
  {
    // RFC 9110 section 10.2.2. What the checks pass on Pebble, they pass here.
    name: 'Location is relative',
    checks: inGroups(12, 13, 20),
    passes: ['new-account', 'look-up-of-known-key', 'new-order'],
    async apply(request, forward) {
      const answer = await forward(request);
      const location = answer.headers.location?.[0];
      return location === undefined ? answer : withHeader(answer, 'location', new URL(location).pathname);
    },
  },
  {
    // RFC 9457: a problem without a type is about:blank. That breaks what an error must say, and nothing else.
    name: 'errors have no type',
    checks: ({ id }) => id === 'alg-es256',
    async apply(request, forward) {
      const answer = await forward(request);
      return answer.status < 400 ? answer : withFields(answer, { type: undefined });
    },
  },
  {
    name: 'the clock of the CA is a day behind',
    checks: inGroups(24, 26, 40),
    apply: async (request, forward) =>
      withHeader(await forward(request), 'date', new Date(Date.now() - dayMs).toUTCString()),
  },
];

let pebble: CheckedPebble | undefined;
beforeAll(async () => {
  pebble = await startCheckedPebble();
}, 60_000);
afterAll(() => pebble?.[Symbol.asyncDispose]());

test.each(permitted)('$name: no MUST fails', { timeout: 120_000 }, async ({ checks, passes = [], apply }) => {
  if (pebble === undefined) throw new Error('Pebble did not start');
  const { directoryUrl, trustedRoots } = pebble;
  await using transport = new HttpsTransport({ trustedRoots });
  const deviation = { name: 'permitted', describes: '', rfc: 8555, section: '7', breaks: [], apply };
  const permitting = new DeviantTransport({
    ...{ deviation, directoryUrl, transport: rfcCorrectPebble(transport, directoryUrl) },
  });
  const { conformance } = await pebble.check({ transport: permitting, checks: caChecks.filter(checks), haste: 100 });
  const failed = conformance.checks.filter(({ verdict }) => verdict === 'failed');
  expect(failed.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
  const passed = conformance.checks.filter(({ verdict }) => verdict === 'passed').map(({ id }) => id);
  expect(passed).toEqual(expect.arrayContaining([...passes]));
  expect(conformance.error).toBeNull();
});
