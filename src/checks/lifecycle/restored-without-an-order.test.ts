import { actionNames } from '../../evidence/action-names.ts';
import type { Evidence, ObjectHistory } from '../../evidence/evidence.ts';
import { issueLeaf } from '../testing/certificate-fixture.ts';
import { after, fixtureCa, goodEvidence, host, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { restoredWithoutAnOrder } from './restored-without-an-order.ts';

/** The last state of an object, made again under another uid. */
function madeAgain(evidence: Evidence, kind: string, at: number): ObjectHistory {
  const history = recorded(evidence, kind);
  const last = history.states.at(-1);
  if (last === undefined) throw new Error(`the fixture has no ${kind}`);
  const again: ObjectHistory = {
    ...structuredClone(history),
    uid: `${history.uid}-again`,
    states: [{ ...structuredClone(last), at: after(at), change: 'added' }],
  };
  history.states.push({ ...structuredClone(last), at: after(at - 1), change: 'deleted' });
  return again;
}

async function restoredEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  const detail = 'Secret istio-system/istio-ingressgateway-certs, Secret istio-system/letsencrypt-prod';
  evidence.actions.push({ at: after(40), name: actionNames.restore, detail });
  const again = ['Issuer', 'Secret', 'Certificate'].map((kind) => madeAgain(evidence, kind, 41));
  evidence.objects.push(...again);
  return evidence;
}

function again(evidence: Evidence, kind: string): ObjectHistory {
  return recorded(evidence, kind, 1);
}

describeCheck(
  restoredWithoutAnOrder,
  restoredEvidence,
  [restoredWithoutAnOrder],
  [
    {
      name: 'nothing was restored',
      mutate: (evidence) => void evidence.actions.pop(),
      says: ['no action by which Secrets were restored'],
    },
    {
      name: 'the Issuer was there all the time',
      mutate: (evidence) => void evidence.objects.splice(evidence.objects.indexOf(again(evidence, 'Issuer')), 1),
      says: ['Issuer', 'was not lost and made again'],
    },
    {
      name: 'the Secret was there all the time',
      mutate: (evidence) => void evidence.objects.splice(evidence.objects.indexOf(again(evidence, 'Secret')), 1),
      says: ['Secret', 'was not lost and made again'],
    },
    {
      name: 'the certificate is ordered again',
      mutate: (evidence) => void evidence.objects.push(madeAgain(evidence, 'Order', 42)),
      says: ['cert-manager made Order istio-system/'],
    },
    {
      name: 'another leaf is in the Secret',
      async mutate(evidence) {
        const { intermediate } = await fixtureCa();
        put(again(evidence, 'Secret'), ['padlock', 'certificates', 0], await issueLeaf(intermediate, [host]));
      },
      says: ['before it was lost, and holds'],
    },
    {
      name: 'another account was registered',
      mutate: (evidence) => put(again(evidence, 'Issuer'), ['status', 'acme', 'uri'], 'https://acme.example.test/2'),
      says: ['and has https://acme.example.test/2 now'],
    },
  ],
);
