import type { Evidence } from '../../evidence/evidence.ts';
import { after, forget, goodEvidence, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { certificateOfShim } from './certificate-of-shim.ts';

/** Evidence of a Certificate that cert-manager made for an Ingress. */
async function shimEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  evidence.actions = evidence.actions.filter(({ detail }) => !detail.startsWith('Certificate/'));
  const issuer = recorded(evidence, 'Issuer');
  evidence.objects.push({
    ...structuredClone(issuer),
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    name: 'shop',
    uid: 'ingress-uid',
    states: [
      {
        at: after(2),
        change: 'added',
        object: { metadata: { name: 'shop', annotations: { 'cert-manager.io/issuer': issuer.name } } },
      },
    ],
  });
  const owner = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'shop', uid: 'ingress-uid' };
  put(recorded(evidence, 'Certificate'), ['metadata', 'ownerReferences'], [owner]);
  return evidence;
}

describeCheck(
  certificateOfShim,
  shimEvidence,
  [certificateOfShim],
  [
    {
      name: 'the scenario applied the Certificate',
      mutate: (evidence) => {
        const { namespace, name } = recorded(evidence, 'Certificate');
        evidence.actions.push({ at: after(3), name: 'apply', detail: `Certificate/${namespace}/${name}` });
      },
      says: ['was applied by the scenario'],
    },
    {
      name: 'nothing owns it',
      mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['metadata', 'ownerReferences'], []),
      says: ['has no owner among Ingress, Gateway, ListenerSet'],
    },
    {
      name: 'its owner has no annotation',
      mutate: (evidence) => {
        const shop = evidence.objects.find(({ uid }) => uid === 'ingress-uid');
        if (shop !== undefined) put(shop, ['metadata', 'annotations'], {});
      },
      says: ['without an annotation for an issuer'],
    },
    { name: 'no Certificate', mutate: (evidence) => forget(evidence, 'Certificate'), says: ['No Certificate'] },
  ],
);
