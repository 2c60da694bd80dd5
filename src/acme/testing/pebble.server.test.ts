import { describe, expect, inject, test } from 'vitest';
import { AcmeSession } from '../client/session.ts';
import type { ExternalAccount } from '../client/signing-key.ts';
import { HttpsTransport } from '../client/transport.ts';
import { compareVerdicts, expectedVerdicts, type Variant } from '../expected/expected-verdicts.ts';
import { type PebbleOptions, startPebble } from '../loopback/pebble.ts';
import { startAllResponders, unansweredAddress } from '../responders/all-responders-fixture.ts';
import { runConformance } from '../runner/run-conformance.ts';

/** The real Pebble in all its variants: src/acme/expected/pebble.json has each verdict other than `passed`, with its reason. */

const external: ExternalAccount = { kid: 'kid-1', macKey: Buffer.alloc(48, 'a MAC key for this test alone ') };
const domain = 'ca.padlock.test';

type Options = Omit<PebbleOptions, 'program'>;

/** Runs a variant against a Pebble of its own, with answers to all challenges. */
async function run(variant: Variant, options: Options) {
  await using answering = await startAllResponders(domain);
  const { responders, targets } = answering;
  await using pebble = await startPebble({ ...options, ...targets, program: inject('serverPrograms').pebble });
  const { directoryUrl, trustedRootsPem: trustedRoots } = pebble;
  await using transport = new HttpsTransport({ trustedRoots });
  const session = new AcmeSession({
    directoryUrl,
    transport,
    externalAccount: options.externalAccount,
    responders,
    domain,
    userAgent: 'padlock/test',
    unreachableAddress: unansweredAddress,
  });
  const { conformance } = await runConformance({
    session,
    padlockVersion: '0',
    profile: variant.profile,
    only: [],
    caBundle: true,
  });
  return conformance;
}

const pebble = expectedVerdicts('pebble');

/** The options of Pebble in each variant. */
const optionsOf: Readonly<Record<string, Options>> = {
  standard: {},
  exhaustive: {},
  'external-accounts': { externalAccount: external },
  'nonces-refused-at-random': { badNoncePercent: 20 },
  'alternate-chains-and-reuse': { alternateRoots: 2, chainLength: 2, authzReusePercent: 100 },
  'slow-validations': { validationSleepSeconds: 2 },
};

/** The limit only says that a test hangs: all variants run at once, on machines that may be busy. */
const busyMachineMs = 600_000;

describe.concurrent('Pebble gets the expected verdicts', () => {
  test.each(pebble.variants)('in the variant $name', { timeout: busyMachineMs }, async (variant) => {
    const options = optionsOf[variant.name];
    if (options === undefined) throw new Error(`no options for the variant ${variant.name}`);
    const conformance = await run(variant, options);
    const { seen, expected } = compareVerdicts(pebble, variant.name, conformance.checks);
    expect(seen).toEqual(expected);
    expect([conformance.error, conformance.problems]).toEqual([null, []]);
    expect(JSON.stringify(conformance)).not.toContain(Buffer.from(external.macKey).toString('base64url'));
  });
});
