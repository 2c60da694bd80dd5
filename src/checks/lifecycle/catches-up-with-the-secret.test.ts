import { actionNames } from '../../evidence/action-names.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { after, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { recordedSeries, renewalEvidence } from '../testing/renewal-evidence-fixture.ts';
import { catchesUpWithTheSecret } from './catches-up-with-the-secret.ts';

/** The second leaf of the fixture comes while istiod is away, and is served once it is back. */
async function awayEvidence(): Promise<Evidence> {
  const evidence = await renewalEvidence();
  const { component: name } = actionNames;
  evidence.actions.push(
    { at: after(40), name, detail: 'istio-system/istiod stopped' },
    { at: after(50), name, detail: 'istio-system/istiod started' },
  );
  recorded(evidence, 'Secret').states.splice(2);
  const { outcome } = recordedSeries(evidence);
  outcome.runs.splice(2);
  const [, second] = outcome.runs;
  if (second !== undefined) second.since = after(53);
  return evidence;
}

describeCheck(
  catchesUpWithTheSecret,
  awayEvidence,
  [catchesUpWithTheSecret],
  [
    { name: 'nobody connected', mutate: (evidence) => void evidence.probes.splice(0), says: ['no series'] },
    {
      name: 'istiod was there all the time',
      mutate: (evidence) => void evidence.actions.splice(-2),
      says: ['no action by which istiod was stopped'],
    },
    {
      name: 'nothing was renewed meanwhile',
      mutate: (evidence) => void recorded(evidence, 'Secret').states.splice(1),
      says: ['got no new leaf between'],
    },
    {
      name: 'the gateway never asks again',
      mutate: (evidence) => void recordedSeries(evidence).outcome.runs.pop(),
      says: ['was never served'],
    },
    {
      name: 'the gateway asks again late',
      mutate(evidence) {
        const [, second] = recordedSeries(evidence).outcome.runs;
        if (second !== undefined) second.since = after(150);
      },
      says: ['was first served 100.0 s after istiod was back'],
    },
    {
      name: 'the new leaf is served before istiod goes',
      mutate(evidence) {
        const [, second] = recordedSeries(evidence).outcome.runs;
        if (second !== undefined) second.since = after(39);
      },
      says: ['it proves nothing'],
    },
    {
      name: 'the old one comes back',
      mutate(evidence) {
        const { runs } = recordedSeries(evidence).outcome;
        const [first] = runs;
        if (first !== undefined) runs.push({ ...first, since: after(60), until: after(61) });
      },
      says: ['An older leaf was served again'],
    },
  ],
);
