import type { Evidence } from '../../evidence/evidence.ts';
import { after, forget, goodEvidence, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { accountRecovered } from './account-recovered.ts';

/** Evidence of an Issuer whose account key was deleted, and made again for a new account. */
async function recoveredEvidence(): Promise<Evidence> {
  const evidence = await goodEvidence();
  const issuer = recorded(evidence, 'Issuer');
  const last = issuer.states.at(-1);
  if (last === undefined) throw new Error('the fixture has no Issuer');
  put(issuer, ['spec', 'acme', 'privateKeySecretRef'], { name: 'account-key' });
  issuer.states.push({ ...structuredClone(last), at: after(40), change: 'modified' });
  put({ ...issuer, states: issuer.states.slice(-1) }, ['status', 'acme', 'uri'], 'https://acme.test/account/2');
  const key = (uid: string, at: string, change: 'added' | 'deleted') => ({
    ...{ apiVersion: 'v1', kind: 'Secret', namespace: issuer.namespace, name: 'account-key', uid },
    states: [{ at, change, object: { metadata: { name: 'account-key', namespace: issuer.namespace, uid } } }],
  });
  evidence.objects.push(key('first-key', after(30), 'deleted'), key('second-key', after(31), 'added'));
  return evidence;
}

function forgetKey(evidence: Evidence, uid: string): void {
  evidence.objects = evidence.objects.filter((each) => each.uid !== uid);
}

describeCheck(
  accountRecovered,
  recoveredEvidence,
  [accountRecovered],
  [
    {
      name: 'the key was not lost',
      mutate: (evidence) => forgetKey(evidence, 'first-key'),
      says: ['was not seen being lost'],
    },
    {
      name: 'the key was not made again',
      mutate: (evidence) => forgetKey(evidence, 'second-key'),
      says: ['did not make Secret'],
    },
    {
      name: 'the account stayed the same',
      mutate: (evidence) => void recorded(evidence, 'Issuer').states.pop(),
      says: ['before and after its key was lost'],
    },
    {
      name: 'the Issuer is not Ready',
      mutate: (evidence) => {
        const issuer = recorded(evidence, 'Issuer');
        put({ ...issuer, states: issuer.states.slice(-1) }, ['status', 'conditions'], []);
      },
      says: ['is not Ready in the end'],
    },
    { name: 'no Issuer', mutate: (evidence) => forget(evidence, 'Issuer'), says: ['No Issuer'] },
  ],
);
