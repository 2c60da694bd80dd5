import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { groups } from '../catalogue/catalogue.ts';
import { AcmeSession } from '../client/session.ts';
import type { ExternalAccount } from '../client/signing-key.ts';
import { HttpsTransport } from '../client/transport.ts';
import { DeviantTransport } from '../deviations/deviant-transport.ts';
import type { Deviation } from '../deviations/deviation.ts';
import { readSigned } from '../deviations/signed-request.ts';
import { expectedVerdicts } from '../expected/expected-verdicts.ts';
import type { AcmeServer } from '../loopback/acme-server.ts';
import { startPebble } from '../loopback/pebble.ts';
import { startAllResponders } from '../responders/all-responders-fixture.ts';
import { runConformance } from '../runner/run-conformance.ts';

/** CAs whose external accounts are good for some accounts only, or no longer: that is their policy, and breaks no requirement. */

const externalAccount: ExternalAccount = { kid: 'kid-1', macKey: Buffer.alloc(48, 'a MAC key for this test alone ') };
const known = new Set(expectedVerdicts('pebble').verdicts.flatMap(({ checks }) => checks));
const domain = 'ca.padlock.test';
const ofAccounts = groups
  .filter(({ checks }) =>
    checks.some(({ section, id }) => section.startsWith('7.3') || id === 'honest-order-is-issued'),
  )
  .flatMap(({ checks }) => checks);

const started = new AsyncDisposableStack();
let answering: Awaited<ReturnType<typeof startAllResponders>>;
let pebble: AcmeServer;

beforeAll(async () => {
  answering = started.use(await startAllResponders(domain));
  const program = inject('serverPrograms').pebble;
  pebble = started.use(await startPebble({ ...answering.targets, program, externalAccount }));
});
afterAll(() => started.disposeAsync());

/** Refuses every binding after so many accounts. */
function goodFor(accounts: number): Deviation {
  return {
    ...{ name: 'external-account-ends', describes: '', rfc: 8555, section: '7.3.4', breaks: [] },
    async apply(request, forward, conversation) {
      const signed = readSigned(request);
      const isBound = signed?.fields.externalAccountBinding !== undefined;
      if (signed === null || !isBound || !conversation.isFor(request, 'newAccount')) return forward(request);
      const keys = (conversation.memory.get('keys') as Set<string> | undefined) ?? new Set<string>();
      conversation.memory.set('keys', keys);
      const key = JSON.stringify(signed.header.jwk);
      if (!keys.has(key) && keys.size >= accounts) {
        return conversation.problem(401, 'unauthorized', 'the external account is not valid any more');
      }
      keys.add(key);
      return forward(request);
    },
  };
}

async function runWith(deviation: Deviation) {
  const { directoryUrl, trustedRootsPem: trustedRoots } = pebble;
  await using transport = new HttpsTransport({ trustedRoots });
  const session = new AcmeSession({
    ...{ directoryUrl, userAgent: 'padlock/test', domain, externalAccount, responders: answering.responders },
    transport: new DeviantTransport({ deviation, transport, directoryUrl }),
  });
  const { conformance } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'standard', only: [], caBundle: true, checks: ofAccounts },
  });
  const red = conformance.checks.filter(({ verdict }) => verdict === 'failed' || verdict === 'warned');
  expect(red.filter(({ id }) => !known.has(id)).map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
  expect(conformance.error).toBe(null);
  return conformance;
}

test.each([1, 3])(
  'an external account that is good for %d is judged by what it allows',
  { timeout: 180_000 },
  async (accounts) => {
    const { checks, problems } = await runWith(goodFor(accounts));
    const verdictOf = (wanted: string) => checks.find(({ id }) => id === wanted)?.verdict;
    expect(['honest-order-is-issued', 'binding-is-shown'].map(verdictOf)).toEqual(['passed', 'passed']);
    const skipped = checks.filter(({ verdict }) => verdict === 'skipped').map(({ message }) => message);
    expect([...problems, ...skipped].join('\n')).toContain(
      'the external account (--eab-kid) may be used up, expired or disabled',
    );
  },
);

test('an external account that is disabled is told first, and no requirement about accounts is judged', {
  timeout: 180_000,
}, async () => {
  const { checks, problems } = await runWith(goodFor(0));
  expect(problems[0]).toMatch(
    /the CA created no account: .*the external account is not valid any more.*; the external account \(--eab-kid\) may be used up, expired or disabled/,
  );
  expect(checks.find(({ id }) => id === 'honest-order-is-issued')?.verdict).toBe('skipped');
});
