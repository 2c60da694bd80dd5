import { expect, test } from 'vitest';
import { caChecks } from './catalogue.ts';
import { FakeCa, fakeDirectory } from './fake-ca.ts';
import { runConformance } from './run-conformance.ts';
import { AcmeSession } from './session.ts';
import { createSigningKey, type SigningKey } from './signing-key.ts';

/** Each check is seen failing: a CA that does one thing wrong turns exactly the expected checks red. */

const external = { kid: 'kid-1', macKey: Buffer.from('a MAC key for tests, never used elsewhere') };

const keys = new Map<string, Promise<SigningKey>>();

/** RSA keys take long to make, and one will do for all of these CAs. */
const sharedKey: typeof createSigningKey = (algorithm, rsaBits) => {
  const key = keys.get(`${algorithm} ${rsaBits}`) ?? createSigningKey(algorithm, rsaBits);
  keys.set(`${algorithm} ${rsaBits}`, key);
  return key;
};

async function redChecks(deviation: string | undefined, bound: boolean, ids?: readonly string[]) {
  const ca = new FakeCa({
    ...(deviation === undefined ? {} : { deviation }),
    ...(bound ? { externalAccounts: { [external.kid]: external.macKey } } : {}),
  });
  const session = new AcmeSession({
    directoryUrl: fakeDirectory,
    transport: ca,
    userAgent: 'test',
    createKey: sharedKey,
    domain: 'padlock.test',
    externalAccount: bound ? external : undefined,
  });
  const { conformance } = await runConformance({
    session,
    padlockVersion: '0',
    profile: 'standard',
    only: [],
    caBundle: false,
    ...(ids ? { checks: caChecks.filter(({ id }) => ids.includes(id)) } : {}),
  });
  const red = conformance.checks.filter(({ verdict }) => verdict === 'failed' || verdict === 'warned');
  return { ca, conformance, red: red.map(({ id }) => id) };
}

test('a conforming CA passes what it can be judged by, and no account stays', async () => {
  const { ca, conformance, red } = await redChecks(undefined, false);
  expect(red).toEqual([]);
  expect(conformance.result).toBe('passed');
  expect(conformance.problems).toEqual([]);
  expect(conformance.checks.filter(({ verdict }) => verdict === 'skipped').map(({ id }) => id)).toEqual([
    'absent-binding-is-named',
    'binding-is-shown',
    'binding-with-unknown-kid',
    'binding-with-wrong-mac',
    'binding-with-foreign-url',
    'binding-with-nonce',
    'binding-of-another-key',
    'retry-after-is-understandable',
  ]);
  expect(ca.accounts.map(({ status }) => status)).toEqual(ca.accounts.map(() => 'deactivated'));
  expect(conformance.accountsDeactivated).toBe(ca.accounts.length);
});

test('a conforming CA that requires external accounts passes, and no MAC is in the report', async () => {
  const { conformance, red } = await redChecks(undefined, true);
  expect(red).toEqual([]);
  const skipped = conformance.checks.filter(({ verdict }) => verdict === 'skipped').map(({ id }) => id);
  expect(skipped).toEqual(['retry-after-is-understandable']);
  const report = JSON.stringify(conformance);
  expect(report).not.toContain(external.macKey.toString('base64url'));
  expect(report).not.toMatch(/"(crv|kty|n|x|y|d)":/);
});

type Row = readonly [deviation: string, red: readonly string[], ids?: readonly string[]];

const deviations: readonly Row[] = [
  ['no newNonce', ['directory-is-served', 'directory-names-every-resource']],
  ['no revokeCert', ['directory-names-every-resource']],
  ['a URL by http', ['directory-urls-are-https']],
  ['meta is a string', ['directory-meta-is-an-object', 'terms-must-be-agreed']],
  ['no POST-as-GET of the directory', ['directory-by-post-as-get']],
  ['no POST-as-GET of newNonce', ['new-nonce-by-post-as-get']],
  ['newOrder without an index link', ['index-link']],
  ['GET of an order', ['get-of-order']],
  ['GET of an authorization', ['get-of-authorization']],
  ['any content type', ['content-type']],
  ['no nonce for HEAD', ['new-nonce-head'], ['new-nonce-head', 'new-nonce-head-status', 'new-nonce-get']],
  ['HEAD answered 204', ['new-nonce-head-status']],
  ['GET answered 200', ['new-nonce-get']],
  ['newNonce may be stored', ['new-nonce-is-not-stored']],
  ['newOrder without a nonce', ['nonce-on-success']],
  ['errors without a nonce', ['nonce-on-error']],
  ['padded nonces', ['nonces-are-base64url', 'replayed-nonce']],
  ['the same nonce again', ['nonces-are-unique']],
  ['replayed nonces', ['replayed-nonce']],
  ['invented nonces', ['replayed-nonce', 'invented-nonce']],
  ['no nonce', ['absent-nonce']],
  ['badNonce for malformed ones', ['ill-encoded-nonce']],
  ['badNonce without a nonce', ['bad-nonce-brings-a-good-one']],
  ['alg none', ['alg-none']],
  ['alg HS256', ['alg-hmac']],
  ['another error for X-UNKNOWN', ['alg-unknown']],
  ['no algorithms', ['algorithms-are-listed']],
  ['no alg ES256', ['alg-es256'], ['alg-es256', 'alg-eddsa', 'alg-rs256']],
  ['no alg EdDSA', ['alg-eddsa']],
  ['no alg RS256', ['alg-rs256']],
  ['jwk and kid', ['jwk-and-kid']],
  ['jwk on newOrder', ['jwk-on-new-order']],
  ['kid on newAccount', ['kid-on-new-account']],
  ['unprotected headers', ['unprotected-header']],
  ['several signatures', ['several-signatures']],
  ['signatures are not verified', ['altered-payload', 'key-change']],
  ['padded base64url', ['padded-base64url']],
  ['foreign url', ['foreign-url']],
  ['no url', ['absent-url']],
  ['another error for keys', ['unacceptable-key']],
  ['newAccount answered 200', ['new-account']],
  ['no orders', ['account-has-orders']],
  ['a second account for a key', ['same-key-same-account']],
  ['newAccount updates', ['same-key-changes-nothing']],
  ['unknown fields are reflected', ['unknown-fields-are-ignored']],
  ['404 for unknown keys', ['look-up-of-unknown-key']],
  ['a look-up needs agreement', ['look-up-of-known-key']],
  ['terms need no agreement', ['terms-must-be-agreed']],
  ['another error for schemes', ['unsupported-contact']],
  ['another error for contacts', ['invalid-contact']],
  ['orders can be changed', ['account-update']],
  ['403 for deactivated accounts', ['deactivated-account']],
  ['no key change', ['key-change']],
  ['key change ends orders', ['key-change-keeps-orders']],
  ['key change: foreign url', ['key-change-with-foreign-url']],
  ['key change: wrong old key', ['key-change-with-wrong-old-key']],
  ['key change: foreign account', ['key-change-with-foreign-account']],
  ['key change: no jwk', ['key-change-without-jwk']],
  ['key change: key in use', ['key-change-to-a-key-in-use']],
  ['key change: no Location', ['key-in-use-is-named']],
  ['orders list is an array', ['orders-list', 'orders-list-has-pending-orders']],
  ['an empty orders list', ['orders-list-has-pending-orders']],
  [
    'binding required, not advertised',
    ['binding-required-as-advertised'],
    ['new-account', 'binding-required-as-advertised'],
  ],
  ['newOrder answered 200', ['new-order']],
  ['other identifiers', ['order-has-the-identifiers', 'wildcard-authorization']],
  ['no expires', ['pending-order-expires']],
  ['orders change', ['order-stays-the-same']],
  ['any identifier type', ['unknown-identifier-type']],
  ['no wildcard field', ['wildcard-authorization']],
  ['any notAfter', ['nonsense-date']],
  ["another account's order", ['order-of-another-account']],
  ["another account's authorization", ['authorization-of-another-account']],
  ['500 for unknown orders', ['unknown-order']],
  ['no challenge type', ['challenges-are-complete']],
  ['a short token', ['http-01-token']],
  ['no link up', ['challenge-links-up']],
  ['reading starts the validation', ['reading-a-challenge-starts-nothing']],
  ['202 for a response', ['challenge-response']],
  ['no error of a failed challenge', ['failed-challenge-has-error']],
  ['orders outlive failed challenges', ['failed-challenge-ends-the-order']],
  ['authorizations stay', ['deactivated-authorization']],
  ['orders stay', ['order-of-deactivated-authorization']],
  ['another error for finalize', ['finalize-before-ready']],
  ['rateLimited without Retry-After', ['retry-after-is-understandable']],
  ['an HTML error', ['errors-are-problem-documents']],
  ['an unregistered error', ['error-types-are-registered']],
  ['identifier in a problem', ['identifier-only-in-subproblems']],
];

const bindingDeviations: readonly Row[] = [
  ['binding not enforced', ['binding-required-as-advertised', 'absent-binding-is-named']],
  ['another error for no binding', ['absent-binding-is-named']],
  ['binding not shown', ['binding-is-shown']],
  ['any binding kid', ['binding-with-unknown-kid']],
  ['any binding MAC', ['binding-with-wrong-mac']],
  ['any binding url', ['binding-with-foreign-url']],
  ['a binding nonce', ['binding-with-nonce']],
  ['any binding key', ['binding-of-another-key']],
];

const named = (rows: readonly Row[]) => rows.map(([deviation, expected, ids]) => ({ deviation, expected, ids }));

test.each(named(deviations))('$deviation: exactly $expected turn red', async ({ deviation, expected, ids }) => {
  expect((await redChecks(deviation, false, ids)).red).toEqual(expected);
});

test.each(named(bindingDeviations))('$deviation: exactly $expected turn red', async ({ deviation, expected, ids }) => {
  expect((await redChecks(deviation, true, ids)).red).toEqual(expected);
});

test.each([
  ['look-ups need a binding', ['altered-payload', 'unprotected-header', 'foreign-url', 'absent-url']],
  ['no key change', ['key-change-with-foreign-url', 'key-change-to-a-key-in-use', 'key-in-use-is-named']],
])('%s: what is refused even without a fault proves nothing', async (deviation, ids) => {
  const { conformance } = await redChecks(deviation, false);
  const verdicts = conformance.checks.filter(({ id }) => ids.includes(id)).map(({ verdict }) => verdict);
  expect(verdicts).toEqual(ids.map(() => 'skipped'));
});

test('every check is seen failing', () => {
  const seen = new Set([...deviations, ...bindingDeviations].flatMap(([, red]) => red));
  expect(caChecks.map(({ id }) => id).filter((id) => !seen.has(id))).toEqual([]);
});
