import { actionNames } from '../../evidence/action-names.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { after, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { recordedSeries, renewalEvidence } from '../testing/renewal-evidence-fixture.ts';
import { startsWithTheNewCertificate } from './starts-with-the-new-certificate.ts';

/** The second leaf of the fixture comes at 44.9 while the gateway is stopped, and is what it serves first. */
async function stoppedEvidence(): Promise<Evidence> {
  const evidence = await renewalEvidence();
  const { component: name } = actionNames;
  evidence.actions.push(
    { at: after(40), name, detail: 'istio-system/istio-ingressgateway stopped' },
    { at: after(50), name, detail: 'istio-system/istio-ingressgateway started' },
  );
  recorded(evidence, 'Secret').states.splice(2);
  const { runs } = recordedSeries(evidence).outcome;
  runs.splice(2);
  const [first, second] = runs;
  if (first === undefined || second === undefined) throw new Error('the fixture has no two runs');
  first.until = after(40);
  second.since = after(49.5);
  const refused = {
    since: after(40.1),
    until: after(49.4),
    count: 400,
    error: 'connect ECONNREFUSED',
    code: 'ECONNREFUSED',
  };
  runs.splice(1, 0, refused);
  return evidence;
}

describeCheck(
  startsWithTheNewCertificate,
  stoppedEvidence,
  [startsWithTheNewCertificate],
  [
    { name: 'nobody connected', mutate: (evidence) => void evidence.probes.splice(0), says: ['no series'] },
    {
      name: 'another Deployment was stopped',
      mutate(evidence) {
        for (const action of evidence.actions.slice(-2))
          action.detail = action.detail.replace('istio-ingressgateway', 'istiod');
      },
      says: ['no action by which istio-system/istio-ingressgateway was stopped'],
    },
    {
      name: 'nothing was renewed meanwhile',
      mutate: (evidence) => void recorded(evidence, 'Secret').states.splice(1),
      says: ['got no new leaf between'],
    },
    {
      name: 'nobody was served before',
      mutate: (evidence) => void recordedSeries(evidence).outcome.runs.shift(),
      says: ['it proves nothing'],
    },
    {
      name: 'the gateway does not come back',
      mutate: (evidence) => void recordedSeries(evidence).outcome.runs.pop(),
      says: ['No client was served a certificate after'],
    },
    {
      name: 'the old one is served first',
      mutate(evidence) {
        const { runs } = recordedSeries(evidence).outcome;
        const [first] = runs;
        if (first !== undefined) runs.splice(2, 0, { ...first, since: after(49), until: after(49.3), count: 15 });
      },
      says: ['15 client(s)', 'were served an older leaf'],
    },
  ],
);
