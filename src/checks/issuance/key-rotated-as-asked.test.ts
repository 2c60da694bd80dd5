import { expect, test } from 'vitest';
import { text } from '../../issuance/recorded-object.ts';
import { renewedEvidence } from '../testing/ca-evidence-fixture.ts';
import { forget, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { keyRotatedAsAsked } from './key-rotated-as-asked.ts';

/** The same, with the key of each leaf beside it. */
async function rotatedEvidence() {
  const evidence = await renewedEvidence();
  const secret = recorded(evidence, 'Secret');
  const last = { ...secret, states: secret.states.slice(-1) };
  put(
    last,
    ['padlock', 'privateKeyPublicSha256'],
    text(last.states[0]?.object, 'padlock', 'certificates', 0, 'publicKeySha256'),
  );
  return evidence;
}

describeCheck(
  keyRotatedAsAsked,
  rotatedEvidence,
  [keyRotatedAsAsked],
  [
    {
      name: 'the key was to stay',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['spec', 'privateKey'], { rotationPolicy: 'Never' }),
      says: ['has rotationPolicy Never', 'made another key'],
    },
    {
      name: 'the renewal kept the key',
      mutate(evidence) {
        const secret = recorded(evidence, 'Secret');
        const first = { ...secret, states: secret.states.slice(0, 1) };
        const last = { ...secret, states: secret.states.slice(-1) };
        put(first, ['padlock', 'privateKeyPublicSha256'], 'one key');
        put(first, ['padlock', 'certificates', 0, 'publicKeySha256'], 'one key');
        put(last, ['padlock', 'privateKeyPublicSha256'], 'one key');
        put(last, ['padlock', 'certificates', 0, 'publicKeySha256'], 'one key');
      },
      says: ['has rotationPolicy Always', 'kept the key'],
    },
    {
      name: 'the new leaf is beside the old key',
      mutate(evidence) {
        const secret = recorded(evidence, 'Secret');
        put({ ...secret, states: secret.states.slice(-1) }, ['padlock', 'privateKeyPublicSha256'], 'the old key');
      },
      says: ['beside the key of another certificate'],
    },
    {
      name: 'nothing was renewed',
      mutate: (evidence) => void recorded(evidence, 'Secret').states.pop(),
      says: ['was not renewed'],
    },
    {
      name: 'no Certificate',
      mutate: (evidence) => forget(evidence, 'Certificate'),
      says: ['No Certificate was recorded'],
    },
  ],
);

test('a key that stays is what Never asks for', async () => {
  const evidence = await rotatedEvidence();
  put(recorded(evidence, 'Certificate'), ['spec', 'privateKey'], { rotationPolicy: 'Never' });
  const secret = recorded(evidence, 'Secret');
  put(secret, ['padlock', 'privateKeyPublicSha256'], 'one key');
  put(secret, ['padlock', 'certificates', 0, 'publicKeySha256'], 'one key');
  expect(verdictOf(keyRotatedAsAsked, evidence).result).toBe('passed');
});
