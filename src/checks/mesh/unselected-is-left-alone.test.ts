import { actionNames } from '../../evidence/action-names.ts';
import type { Evidence, ObjectHistory } from '../../evidence/evidence.ts';
import { after, goodEvidence, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { unselectedIsLeftAlone } from './unselected-is-left-alone.ts';

function gateway(namespace: string, accepted: 'True' | 'Unknown'): ObjectHistory {
  const conditions = [{ type: 'Accepted', status: accepted, reason: 'Pending', message: 'Waiting for controller' }];
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    namespace,
    name: 'web',
    uid: `gateway-${namespace}`,
    states: [
      { at: after(5), change: 'added', object: { metadata: { name: 'web', namespace }, status: { conditions } } },
    ],
  };
}

async function selectedEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  const { meshConfig: name } = actionNames;
  evidence.actions.push(
    { at: after(1), name, detail: '{"discoverySelectors":[]}' },
    { at: after(30), name, detail: 'as before' },
  );
  evidence.objects.push(gateway(evidence.subject.gateway.namespace, 'True'), gateway('unselected', 'Unknown'));
  return evidence;
}

describeCheck(
  unselectedIsLeftAlone,
  selectedEvidence,
  [unselectedIsLeftAlone],
  [
    {
      name: 'nothing was set',
      mutate: (evidence) => void evidence.actions.splice(-2),
      says: ['no action by which discoverySelectors were set'],
    },
    {
      name: 'there is no other namespace',
      mutate: (evidence) => void evidence.objects.pop(),
      says: ['no Gateway in the selected namespace and another one'],
    },
    {
      name: 'the selected one is forgotten',
      mutate: (evidence) => put(recorded(evidence, 'Gateway'), ['status', 'conditions', 0, 'status'], 'Unknown'),
      says: ['in the selected namespace, was not accepted'],
    },
    {
      name: 'istiod does not know the selectors',
      mutate: (evidence) => put(recorded(evidence, 'Gateway', 1), ['status', 'conditions', 0, 'status'], 'True'),
      says: ['which no discoverySelector selects, was accepted'],
    },
  ],
);
