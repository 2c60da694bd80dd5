import { describe, expect, inject, test } from 'vitest';
import type { Profile } from '../catalogue/check.ts';
import { AcmeSession } from '../client/session.ts';
import type { ExternalAccount } from '../client/signing-key.ts';
import { HttpsTransport } from '../client/transport.ts';
import { startAllResponders, unansweredAddress } from '../responders/all-responders-fixture.ts';
import { runConformance } from '../runner/run-conformance.ts';
import { type PebbleOptions, startPebble } from './servers/pebble.ts';

/** The real Pebble in all its variants: every verdict that is not `passed` was looked at, see docs/ca-results/pebble.md. */

const external: ExternalAccount = { kid: 'kid-1', macKey: Buffer.alloc(48, 'a MAC key for this test alone ') };
const domain = 'ca.padlock.test';

type Variant = Omit<PebbleOptions, 'program'> & { readonly profile?: Profile };

/** Runs a profile against a Pebble of its own, with answers to all challenges. */
async function judge({ profile = 'standard', ...options }: Variant) {
  await using answering = await startAllResponders(domain);
  const { responders, targets } = answering;
  await using pebble = await startPebble({
    ...{ ...options, ...targets, program: inject('serverPrograms').pebble },
  });
  const { directoryUrl, trustedRootsPem: trustedRoots } = pebble;
  await using transport = new HttpsTransport({ trustedRoots });
  const { externalAccount } = options;
  const session = new AcmeSession({
    ...{ directoryUrl, transport, externalAccount, responders, domain, userAgent: 'padlock/test' },
    unreachableAddress: unansweredAddress,
  });
  const { conformance } = await runConformance({
    ...{ session, padlockVersion: '0', profile, only: [], caBundle: true },
  });
  const notPassed = conformance.checks.filter(({ verdict }) => verdict !== 'passed');
  return { conformance, notPassed: notPassed.map(({ id, verdict }) => `${verdict} ${id}`) };
}

const aboutBindings = [
  'skipped absent-binding-is-named',
  'skipped binding-is-shown',
  'skipped binding-with-unknown-kid',
  'skipped binding-with-wrong-mac',
  'skipped binding-with-foreign-url',
  'skipped binding-with-nonce',
  'skipped binding-of-another-key',
];

const validationsOfExhaustive = [
  'warned failed-query-is-retried',
  'warned http-01-address-fallback',
  'warned failed-dns-01-says-dns',
  'warned failed-tls-alpn-01-says-tls',
];

const caaOfExhaustive = [
  'failed caa-of-another-issuer',
  'failed caa-of-the-parent',
  'failed caa-wildcard',
  'failed caa-critical-property',
  'failed caa-account-uri',
  'failed caa-validation-methods',
  'skipped refused-by-caa-says-caa',
];

const exhaustive = [
  'failed new-nonce-is-not-stored',
  'failed ill-encoded-nonce',
  'failed algorithms-are-listed',
  'warned alg-eddsa',
  'failed foreign-url',
  'warned unacceptable-key',
  'warned contact-with-header-fields',
  'failed deactivated-account',
  'warned key-change-with-inner-nonce',
  'failed key-change-to-a-key-in-use',
  'skipped key-in-use-is-named',
  ...aboutBindings,
  'warned unknown-identifier-type',
  'failed nonsense-date',
  'warned challenge-links-up',
  'warned finalize-answer-has-location',
  'skipped alternate-chains',
  'warned unknown-resources',
  'warned bad-csr-is-named',
  'failed orders-of-deactivated-account',
  'failed broken-a-label',
  'skipped forbidden-name-is-told',
  'warned impossible-dates',
  'warned csr-with-foreign-common-name',
  'warned name-in-common-name-only',
  'failed revocation-by-holder-of-authorizations',
  'warned failed-query-is-retried',
  'warned http-01-trailing-space',
  'warned http-01-address-fallback',
  'warned failed-dns-01-says-dns',
  'warned failed-tls-alpn-01-says-tls',
  'failed caa-forbids',
  ...caaOfExhaustive,
  'skipped retry-after-is-understandable',
  'warned errors-are-problem-documents',
];

const without = (all: readonly string[], ...some: readonly string[]) => all.filter((one) => !some.includes(one));
const standard = without(exhaustive, ...validationsOfExhaustive, ...caaOfExhaustive);

/** Told to reuse no authorizations, Pebble reuses one of a hundred: then this check has something to look at, and passes. */
const reuseByChance = 'skipped reused-authorization-makes-ready';
/** So it is where chance has the nonce refused that came with badNonce. */
const refusedAgainByChance = 'warned bad-nonce-brings-a-good-one';

const limitMs = 120_000;

describe.concurrent('Pebble gets the verdicts of its result', () => {
  test('with the profile standard', { timeout: limitMs }, async () => {
    const { conformance, notPassed } = await judge({});
    expect(without(notPassed, reuseByChance)).toEqual(standard);
    expect([conformance.error, conformance.problems]).toEqual([null, []]);
  });

  test('with the profile exhaustive', { timeout: limitMs }, async () => {
    const { conformance, notPassed } = await judge({ profile: 'exhaustive' });
    expect(without(notPassed, reuseByChance)).toEqual(exhaustive);
    expect([conformance.error, conformance.problems]).toEqual([null, []]);
  });

  test('with external accounts', { timeout: limitMs }, async () => {
    const { conformance, notPassed } = await judge({ externalAccount: external });
    expect(without(notPassed, reuseByChance)).toEqual(without(standard, ...aboutBindings));
    expect([conformance.error, conformance.problems]).toEqual([null, []]);
    expect(JSON.stringify(conformance)).not.toContain(Buffer.from(external.macKey).toString('base64url'));
  });

  test('where good nonces are refused by chance', { timeout: limitMs }, async () => {
    const { conformance, notPassed } = await judge({ badNoncePercent: 20 });
    expect(without(notPassed, reuseByChance, refusedAgainByChance)).toEqual(standard);
    expect([conformance.error, conformance.problems]).toEqual([null, []]);
  });

  test('with alternate chains and reused authorizations', { timeout: limitMs }, async () => {
    const { conformance, notPassed } = await judge({ alternateRoots: 2, chainLength: 2, authzReusePercent: 100 });
    expect(notPassed).toEqual(without(standard, 'skipped alternate-chains'));
    expect([conformance.error, conformance.problems]).toEqual([null, []]);
  });

  test('where validations take their time', { timeout: limitMs }, async () => {
    const { conformance, notPassed } = await judge({ validationSleepSeconds: 2 });
    expect(without(notPassed, reuseByChance)).toEqual(standard);
    expect([conformance.error, conformance.problems]).toEqual([null, []]);
  });
});
