import { expect, test } from 'vitest';
import { runConformance } from './run-conformance.ts';
import { builtProgram } from './servers/built-program.ts';
import { startPebble } from './servers/pebble.ts';
import { AcmeSession } from './session.ts';
import type { ExternalAccount } from './signing-key.ts';
import { HttpsTransport } from './transport.ts';

/** The standard profile against the real Pebble: every verdict that is not `passed` was looked at, see docs/ca-results/pebble.md. */

const built = builtProgram('pebble', 'pebble');
const binary = built.file ?? undefined;
const reason = built.file === null ? built.reason : '';

const external: ExternalAccount = { kid: 'kid-1', macKey: Buffer.alloc(48, 'a MAC key for this test alone ') };

async function verdicts(file: string, externalAccount?: ExternalAccount) {
  await using pebble = await startPebble({ program: file, externalAccount });
  const { directoryUrl, trustedRootsPem: trustedRoots } = pebble;
  await using transport = new HttpsTransport({ trustedRoots });
  const session = new AcmeSession({
    ...{ directoryUrl, transport, externalAccount },
    userAgent: 'padlock/test',
    domain: 'padlock.test',
  });
  const { conformance } = await runConformance({
    ...{ session, padlockVersion: '0', profile: 'standard', only: [], caBundle: true },
  });
  const notPassed = conformance.checks
    .filter(({ verdict }) => verdict !== 'passed')
    .map(({ id, verdict }) => `${verdict} ${id}`);
  return { conformance, notPassed };
}

const deviationsOfPebble = [
  'failed ill-encoded-nonce',
  'failed algorithms-are-listed',
  'warned alg-eddsa',
  'failed foreign-url',
  'warned unacceptable-key',
];

test.skipIf(binary === undefined)(
  `Pebble gets the verdicts of docs/ca-results/pebble.md (${binary ?? reason})`,
  async () => {
    const { conformance, notPassed } = await verdicts(String(binary));
    expect(notPassed).toEqual([
      'failed new-nonce-is-not-stored',
      ...deviationsOfPebble,
      'failed deactivated-account',
      'failed key-change-to-a-key-in-use',
      'skipped key-in-use-is-named',
      'skipped absent-binding-is-named',
      'skipped binding-is-shown',
      'skipped binding-with-unknown-kid',
      'skipped binding-with-wrong-mac',
      'skipped binding-with-foreign-url',
      'skipped binding-with-nonce',
      'skipped binding-of-another-key',
      'warned unknown-identifier-type',
      'failed nonsense-date',
      'warned challenge-links-up',
      'skipped retry-after-is-understandable',
      'warned errors-are-problem-documents',
    ]);
    expect(conformance.problems).toEqual([]);
  },
);

test.skipIf(binary === undefined)(
  `Pebble with external accounts, too (${binary === undefined ? reason : 'required'})`,
  async () => {
    const { conformance, notPassed } = await verdicts(String(binary), external);
    expect(notPassed).toEqual([
      'failed new-nonce-is-not-stored',
      ...deviationsOfPebble,
      'failed deactivated-account',
      'failed key-change-to-a-key-in-use',
      'skipped key-in-use-is-named',
      'warned unknown-identifier-type',
      'failed nonsense-date',
      'warned challenge-links-up',
      'skipped retry-after-is-understandable',
      'warned errors-are-problem-documents',
    ]);
    expect(JSON.stringify(conformance)).not.toContain(Buffer.from(external.macKey).toString('base64url'));
  },
);
