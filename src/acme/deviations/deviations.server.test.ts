import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { caChecks, deviations, lastLane } from '../catalogue/catalogue.ts';
import type { CaCheck } from '../catalogue/check.ts';
import type { ExternalAccount } from '../client/signing-key.ts';
import { HttpsTransport } from '../client/transport.ts';
import { type CheckedPebble, startCheckedPebble } from './checked-pebble-fixture.ts';
import { DeviantTransport } from './deviant-transport.ts';
import type { Deviation } from './deviation.ts';
import { rfcCorrectPebble } from './rfc-correct-pebble-fixture.ts';

/**
 * Each check is seen failing over the real Pebble: a deviation turns exactly the expected checks red. Pebble's own deviations
 * are corrected first, so that each check is also seen passing.
 */

const external: ExternalAccount = { kid: 'kid-1', macKey: Buffer.alloc(48, 'a MAC key for this test alone ') };

/** Deviations of Pebble that only its own CA could correct: how it treats common names. */
const uncorrected = ['csr-with-foreign-common-name', 'name-in-common-name-only'];

/** The whole catalogue for each deviation takes minutes: `npm run deviations`. */
const isWhole = process.env.PADLOCK_DEVIATIONS === 'whole';

/** The limit only says that a test hangs: machines may be busy. */
const busyMachineMs = 180_000;

/** Of the groups that a deviation does not touch, one check in so many is run nevertheless, unless it is slow. */
const sampled = 12;

/** What a deviation breaks, all of the same groups, a sample of the others, and what looks back on the whole run. */
function checksFor({ breaks }: Deviation): readonly CaCheck[] {
  const groups = new Set(caChecks.filter(({ id }) => breaks.includes(id)).map(({ group }) => group));
  // What looks back on the whole run needs a whole run to look back on.
  const looksBack = lastLane.some(({ id }) => breaks.includes(id));
  return caChecks.filter(
    (check, index) =>
      isWhole ||
      looksBack ||
      groups.has(check.group) ||
      lastLane.includes(check) ||
      (index % sampled === 0 && check.profile !== 'exhaustive'),
  );
}

/** What is found wrong with Pebble, with a deviation or as it is. */
async function checkPebble(pebble: CheckedPebble, deviation: Deviation | null) {
  const { directoryUrl, trustedRoots } = pebble;
  await using transport = new HttpsTransport({ trustedRoots });
  const correct = rfcCorrectPebble(transport, directoryUrl);
  const deviant = deviation && new DeviantTransport({ deviation, transport: correct, directoryUrl });
  // An address that does not answer takes its time.
  const haste = deviation === null || deviation.name === 'one-address-only' ? 5 : 20;
  const checks = deviation ? checksFor(deviation) : caChecks;
  return await pebble.check({ transport: deviant ?? correct, checks, haste });
}

describe.each([
  ['without external accounts', undefined],
  ['with external accounts', external],
] as const)('Pebble %s', (_, externalAccount) => {
  let pebble: CheckedPebble | undefined;
  let baseline: readonly string[] = [];

  beforeAll(async () => {
    pebble = await startCheckedPebble(externalAccount);
    baseline = (await checkPebble(pebble, null)).red;
  }, busyMachineMs);

  test('over an RFC-correct Pebble every check passes', () => {
    expect(baseline.toSorted()).toEqual(uncorrected);
  });
  afterAll(() => pebble?.[Symbol.asyncDispose]());

  const ofThis = deviations.filter(
    ({ needsExternalAccount }) => (needsExternalAccount === true) === (externalAccount !== undefined),
  );

  test.each(ofThis)('$name turns exactly $breaks red', { timeout: busyMachineMs }, async (deviation) => {
    if (pebble === undefined) throw new Error('Pebble did not start');
    const { red, conformance } = await checkPebble(pebble, deviation);
    const { breaks } = deviation;
    const added = red.filter((id) => !baseline.includes(id) || breaks.includes(id));
    const looked = conformance.checks.filter(({ id }) => added.includes(id) || breaks.includes(id));
    const seen = looked.map(({ id, verdict, message }) => `${verdict} ${id}: ${message}`).join('\n');
    expect(added.toSorted(), seen).toEqual(breaks.toSorted());
  });
});
