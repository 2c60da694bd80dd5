import { expect, test } from 'vitest';
import { caEvidence } from '../testing/ca-evidence-fixture.ts';
import { fixtureCa, secretFacts } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { chainInSecretEndsAtTheCasRoot } from './chain-in-secret-ends-at-the-cas-root.ts';

describeCheck(
  chainInSecretEndsAtTheCasRoot,
  caEvidence,
  [chainInSecretEndsAtTheCasRoot],
  [
    {
      name: 'the root is another one',
      async mutate(evidence) {
        evidence.ca.roots = [(await fixtureCa()).foreign.facts];
      },
      says: ['does not end at a root of the CA', 'Foreign Root CA'],
    },
    {
      name: 'the intermediate is absent',
      mutate: (evidence) => void secretFacts(evidence).certificates.splice(1),
      says: ['does not end at a root of the CA'],
    },
  ],
);

test('is skipped if the roots are unknown', async () => {
  const evidence = await caEvidence();
  evidence.ca.roots = [];
  expect(verdictOf(chainInSecretEndsAtTheCasRoot, evidence).result).toBe('skipped');
});
