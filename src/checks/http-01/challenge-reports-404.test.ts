import { expect, test } from 'vitest';
import { goodPathChecks, missingIngressClassChecks } from '../all-checks.ts';
import {
  after,
  goodEvidence,
  host,
  missingIngressClassEvidence,
  recorded,
  secondHost,
} from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { challengeReports404 } from './challenge-reports-404.ts';

describeCheck(
  challengeReports404,
  missingIngressClassEvidence,
  [...goodPathChecks, ...missingIngressClassChecks],
  [
    {
      name: 'the Challenge gave no reason',
      mutate: (evidence) => {
        recorded(evidence, 'Challenge').states.splice(2, 1);
      },
      says: [`before create-ingress-class (${after(12)}), but reported none`],
    },
    {
      name: 'the Challenge gave another reason',
      mutate: (evidence) => {
        const state = recorded(evidence, 'Challenge').states[2];
        if (state !== undefined) {
          state.object.status = { state: 'pending', reason: "wrong status code '503', expected '200'" };
        }
      },
      says: [`but reported "wrong status code '503', expected '200'"`],
    },
    {
      name: 'the Challenge gave the reason only after the class',
      mutate: (evidence) => {
        const state = recorded(evidence, 'Challenge').states[2];
        if (state !== undefined) state.at = after(12.5);
      },
      says: ['but reported none'],
    },
  ],
);

test('asks every Challenge', async () => {
  const evidence = await goodEvidence({ hosts: [host, secondHost] });
  expect(verdictOf(challengeReports404, evidence).result).toBe('passed');
  recorded(evidence, 'Challenge', 1).states.splice(2, 1);
  expect(verdictOf(challengeReports404, evidence).result).toBe('failed');
});
