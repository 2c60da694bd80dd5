import { actionNames } from '../../evidence/action-names.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { after, forget, goodEvidence, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { nothingStays } from './nothing-stays.ts';

/** An issuance that is deleted while its Challenge waits. */
async function deletedEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  evidence.actions.push({ at: after(10), name: actionNames.delete, detail: 'Certificate shop/web' });
  for (const kind of ['CertificateRequest', 'Order', 'Challenge', 'Pod', 'Service', 'Ingress']) {
    const history = recorded(evidence, kind);
    history.states = history.states.filter(({ at }) => at < after(10));
    const last = history.states.at(-1);
    if (last !== undefined) history.states.push({ ...structuredClone(last), at: after(12), change: 'deleted' });
  }
  return evidence;
}

describeCheck(
  nothingStays,
  deletedEvidence,
  [nothingStays],
  [
    {
      name: 'nothing was deleted',
      mutate: (evidence) => void evidence.actions.pop(),
      says: ['no action by which something was deleted'],
    },
    {
      name: 'there was no challenge yet',
      mutate: (evidence) => forget(evidence, 'Challenge'),
      says: ['there was no Challenge, no solver Pod', 'nothing was in mid-challenge'],
    },
    {
      name: 'the Challenge hangs on its finalizer',
      mutate: (evidence) => void recorded(evidence, 'Challenge').states.pop(),
      says: ['these stayed: Challenge istio-system/'],
    },
    {
      name: 'the route of the solver stays',
      mutate: (evidence) => void recorded(evidence, 'Ingress').states.pop(),
      says: ['these stayed: Ingress istio-system/cm-acme-http-solver'],
    },
    {
      name: 'the solver came only afterwards',
      mutate(evidence) {
        for (const state of recorded(evidence, 'Pod').states) state.at = after(11);
      },
      says: ['there was no solver Pod'],
    },
  ],
);
