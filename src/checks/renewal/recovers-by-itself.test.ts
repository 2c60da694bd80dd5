import { expect, test } from 'vitest';
import { actionNames } from '../../evidence/action-names.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { after } from '../testing/evidence-fixture.ts';
import { describeCheck, verdictOf } from '../testing/mutation-fixture.ts';
import { renewalEvidence } from '../testing/renewal-evidence-fixture.ts';
import { recoversByItself } from './recovers-by-itself.ts';

/** A renewal during which istiod did not run, from its request to 10 s before its end. */
async function evidenceOfFailure(): Promise<Evidence> {
  const evidence = await renewalEvidence();
  evidence.actions.push(
    { at: after(35), name: actionNames.failureBegins, detail: 'istiod-down (mesh): istiod does not run' },
    { at: after(37), name: actionNames.failureEnds, detail: 'istiod-down' },
  );
  return evidence;
}

describeCheck(
  recoversByItself,
  evidenceOfFailure,
  [recoversByItself],
  [
    {
      name: 'there was no failure',
      mutate: (evidence) => void evidence.actions.splice(-2),
      says: ['no failure that began and ended'],
    },
    {
      name: 'a person had to ask again',
      mutate: (evidence) => void evidence.actions.push({ at: after(38), name: actionNames.renew, detail: '' }),
      says: ['once a person had asked for it again'],
    },
    {
      name: 'a person had to put it right, where an hour was expected to',
      mutate(evidence) {
        evidence.subject.expects = { recovery: 'after-back-off' };
        evidence.actions.push({ at: after(38), name: actionNames.cure, detail: 'deleted the Challenge' });
      },
      says: ['once a person had put it right (deleted the Challenge)'],
    },
    {
      name: 'nothing was renewed after it',
      mutate(evidence) {
        for (const history of evidence.objects) {
          if (history.kind !== 'Certificate') continue;
          for (const { object } of history.states) {
            const { status } = object as { status?: { revision?: number } };
            if (status?.revision !== undefined) status.revision = 1;
          }
        }
      },
      says: ['istiod-down (mesh): istiod does not run. It lasted 2.0 s', 'after its end nothing was renewed'],
    },
  ],
);

test('it passes where the scenario expects that a person asks again, and says so', async () => {
  const evidence = await evidenceOfFailure();
  evidence.subject.expects = { recovery: 'after-back-off' };
  evidence.actions.push({ at: after(38), name: actionNames.renew, detail: '' });
  const verdict = verdictOf(recoversByItself, evidence);
  expect(verdict.result).toBe('passed');
  expect(verdict.message).toContain('would have tried an hour later');
});
