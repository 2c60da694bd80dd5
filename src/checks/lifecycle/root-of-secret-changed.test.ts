import type { Evidence } from '../../evidence/evidence.ts';
import { renewedEvidence } from '../testing/ca-evidence-fixture.ts';
import { createIssuer, issueLeaf } from '../testing/certificate-fixture.ts';
import { fixtureCa, forget, host, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { rootOfSecretChanged } from './root-of-secret-changed.ts';

/** The first leaf of the fixture is of another CA, and the second of the one whose root is known. */
async function changedEvidence(): Promise<Evidence> {
  const evidence = await renewedEvidence();
  const before = await createIssuer('Pebble Root CA of before');
  const secret = recorded(evidence, 'Secret');
  put({ ...secret, states: secret.states.slice(0, 1) }, ['padlock', 'certificates'], [await issueLeaf(before, [host])]);
  return evidence;
}

describeCheck(
  rootOfSecretChanged,
  changedEvidence,
  [rootOfSecretChanged],
  [
    { name: 'there is no Secret', mutate: (evidence) => forget(evidence, 'Secret'), says: ['held 0 leaf'] },
    {
      name: 'nothing was renewed',
      mutate: (evidence) => void recorded(evidence, 'Secret').states.pop(),
      says: ['held 1 leaf', 'two are needed'],
    },
    {
      name: 'the CA has the root of before',
      async mutate(evidence) {
        const { intermediate } = await fixtureCa();
        const secret = recorded(evidence, 'Secret');
        const chain = [await issueLeaf(intermediate, [host]), intermediate.facts];
        put({ ...secret, states: secret.states.slice(0, 1) }, ['padlock', 'certificates'], chain);
      },
      says: ['already ends at a root that the CA has now'],
    },
    {
      name: 'the renewal is of before, too',
      async mutate(evidence) {
        const { foreign } = await fixtureCa();
        const secret = recorded(evidence, 'Secret');
        put(
          { ...secret, states: secret.states.slice(-1) },
          ['padlock', 'certificates'],
          [await issueLeaf(foreign, [host])],
        );
      },
      says: ['does not end at a root that the CA has now'],
    },
    {
      name: 'a certificate cannot be read',
      mutate(evidence) {
        const secret = recorded(evidence, 'Secret');
        put({ ...secret, states: secret.states.slice(-1) }, ['padlock', 'certificates', 0, 'pem'], 'no certificate');
      },
      says: ['cannot be parsed'],
    },
  ],
);
