import { expect, inject, test } from 'vitest';
import { OneAtATime } from '../client/one-at-a-time.ts';
import { AcmeSession } from '../client/session.ts';
import { HttpsTransport } from '../client/transport.ts';
import { startAllResponders } from '../responders/all-responders-fixture.ts';
import { runConformance } from '../runner/run-conformance.ts';
import { startStepCa } from './servers/step-ca.ts';

/** The standard profile against the real step-ca: every verdict that is not `passed` was looked at, see docs/ca-results/step-ca.md. */

const { 'step-ca': program, 'add-eab-key': addKeyProgram } = inject('serverPrograms');

const domain = 'padlock.test';
/** More than a run makes accounts. */
const manyKeys = 60;
const timeoutMs = 120_000;

/** Of the standard profile, before and after what is about external accounts. */
const beforeBindings = [
  'failed directory-by-post-as-get',
  'failed new-nonce-by-post-as-get',
  'failed get-of-order',
  'failed get-of-authorization',
  'failed content-type',
  'failed absent-nonce',
  'failed ill-encoded-nonce',
  'failed algorithms-are-listed',
  'failed padded-base64url',
  'failed foreign-url',
  'failed unacceptable-key',
  'warned unsupported-contact',
  'warned invalid-contact',
  'warned contact-with-header-fields',
  'failed key-change',
  'skipped key-change-keeps-orders',
  'skipped key-change-with-foreign-url',
  'skipped key-change-with-wrong-old-key',
  'skipped key-change-with-foreign-account',
  'skipped key-change-without-jwk',
  'skipped key-change-with-inner-nonce',
  'skipped key-change-to-a-key-in-use',
  'skipped key-in-use-is-named',
  'failed orders-list',
  'warned orders-list-has-pending-orders',
];
const afterBindings = [
  'warned unknown-identifier-type',
  'warned unknown-order',
  'skipped deactivated-authorization',
  'skipped order-of-deactivated-authorization',
  'failed finalize-before-ready',
  'warned failed-challenge-ends-the-order',
  'skipped processing-says-when-to-come-back',
  'failed finalize-of-valid-order',
  'skipped alternate-chains',
  'failed get-of-certificate',
  'warned unknown-resources',
  'warned csr-of-account-key',
  'warned bad-csr-is-named',
  'skipped renewal-information',
  'skipped renewal-window-ends-after-start',
  'skipped renewal-window-is-in-the-validity',
  'skipped renewal-information-has-retry-after',
  'skipped renewal-of-revoked-certificate',
  'skipped renewal-of-unknown-certificate',
  'skipped order-shows-what-it-replaces',
  'skipped replacement-of-foreign-certificate',
  'skipped already-replaced',
  'skipped reused-authorization-makes-ready',
  'skipped deactivated-valid-authorization',
  'warned duplicate-name',
  'warned trailing-dot',
  'skipped forbidden-name-is-told',
  'skipped profiles-are-described',
  'skipped unknown-profile',
  'skipped unknown-profile-is-named',
  'skipped order-shows-its-profile',
  'failed not-after-is-honoured',
  'failed both-dates-are-honoured',
  'warned impossible-dates',
  'failed revocation-by-holder-of-authorizations',
  'failed wildcard-and-base-domain',
  'warned failed-http-01-says-unauthorized',
  'warned failed-dns-01-says-unauthorized',
  'skipped caa-permits',
  'skipped caa-forbids',
  'skipped dns-account-01-validates',
  'skipped dns-account-01-label-of-another-account',
  'skipped dns-persist-01-validates',
  'skipped dns-persist-01-of-another-account',
  'skipped dns-persist-01-of-another-issuer',
  'skipped dns-persist-01-after-its-end',
  'skipped retry-after-is-understandable',
  'warned errors-are-problem-documents',
];

/** @returns the verdicts that are not `passed`, as `failed some-check` */
async function verdicts(externalKeys: number) {
  await using answering = await startAllResponders(domain);
  const { responders, targets } = answering;
  await using stepCa = await startStepCa({
    ...{ ...targets, program },
    ...(externalKeys > 0 ? { externalAccounts: { addKeyProgram, count: externalKeys } } : {}),
  });
  const { directoryUrl, trustedRootsPem: trustedRoots } = stepCa;
  const [externalAccount, ...moreExternalAccounts] = stepCa.externalAccounts;
  await using transport = new HttpsTransport({ trustedRoots });
  const session = new AcmeSession({
    ...{ directoryUrl, transport: new OneAtATime(transport), userAgent: 'padlock/test' },
    ...{ externalAccount, moreExternalAccounts, domain, responders },
  });
  const { conformance } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'standard', only: [], caBundle: true },
  });
  const notPassed = conformance.checks.filter(({ verdict }) => verdict !== 'passed');
  return { conformance, notPassed: notPassed.map(({ id, verdict }) => `${verdict} ${id}`) };
}

test(
  'step-ca gets the verdicts of docs/ca-results/step-ca.md',
  async () => {
    const { conformance, notPassed } = await verdicts(0);
    expect(notPassed).toEqual([
      'skipped directory-meta-is-an-object',
      ...beforeBindings,
      'skipped absent-binding-is-named',
      'skipped binding-is-shown',
      'skipped binding-with-unknown-kid',
      'skipped binding-with-wrong-mac',
      'skipped binding-with-foreign-url',
      'skipped binding-with-nonce',
      'skipped binding-of-another-key',
      ...afterBindings,
    ]);
    expect(conformance.certificatesRevoked).toBeGreaterThan(0);
  },
  timeoutMs,
);

test(
  'step-ca with external accounts, too',
  async () => {
    const { conformance, notPassed } = await verdicts(manyKeys);
    expect(notPassed).toEqual([
      ...beforeBindings,
      'failed binding-with-unknown-kid',
      'failed binding-with-wrong-mac',
      ...afterBindings,
    ]);
    expect(conformance.options.externalAccount).toBe(true);
  },
  timeoutMs,
);

test("step-ca takes an external account's key once", async () => {
  await using stepCa = await startStepCa({ program, externalAccounts: { addKeyProgram, count: 2 } });
  await using transport = new HttpsTransport({ trustedRoots: stepCa.trustedRootsPem });
  const [externalAccount, ...moreExternalAccounts] = stepCa.externalAccounts;
  const session = new AcmeSession({
    ...{ directoryUrl: stepCa.directoryUrl, transport, externalAccount, moreExternalAccounts },
    ...{ userAgent: 'padlock/test', domain },
  });
  await session.account();
  await session.spareAccount();
  await expect(session.anotherAccount()).rejects.toThrow('500 serverInternal');
}, 30_000);
