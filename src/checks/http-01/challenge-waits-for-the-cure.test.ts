import { actionNames } from '../../evidence/action-names.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { after, goodEvidence, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { challengeWaitsForTheCure } from './challenge-waits-for-the-cure.ts';

const words = "wrong status code '404', expected '200'";

async function curedEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  const about = 'DestinationRule shop/mutual-for-all';
  evidence.actions.push(
    { at: after(3), name: actionNames.misconfigure, detail: about },
    { at: after(6.2), name: actionNames.challengeReason, detail: words },
    { at: after(6.3), name: actionNames.cure, detail: about },
  );
  return evidence;
}

/** Takes the actions of a name out of the evidence. */
const without = (name: string) => (evidence: Evidence) => {
  evidence.actions = evidence.actions.filter((action) => action.name !== name);
};

describeCheck(
  challengeWaitsForTheCure,
  curedEvidence,
  [challengeWaitsForTheCure],
  [
    { name: 'nothing was misconfigured', mutate: without(actionNames.misconfigure), says: ['no action by which'] },
    {
      name: 'the Challenge never said it',
      mutate: without(actionNames.challengeReason),
      says: ['the Challenge never said what is wrong'],
    },
    {
      name: 'no Challenge was recorded',
      mutate(evidence) {
        evidence.objects = evidence.objects.filter(({ kind }) => kind !== 'Challenge');
      },
      says: ['No Challenge was recorded.'],
    },
    {
      name: 'the Challenge was valid all the same',
      mutate: (evidence) => put(recorded(evidence, 'Challenge'), ['status', 'state'], 'valid'),
      says: ['became valid at', 'before DestinationRule shop/mutual-for-all was removed'],
    },
    {
      name: 'it said something else',
      mutate: (evidence) => put(recorded(evidence, 'Challenge'), ['status', 'reason'], 'no such host'),
      says: [`should have said "${words}"`],
    },
    {
      name: 'the cure did not help',
      mutate: (evidence) => put(recorded(evidence, 'Challenge'), ['status', 'state'], 'pending'),
      says: ['did not become valid after'],
    },
  ],
);
