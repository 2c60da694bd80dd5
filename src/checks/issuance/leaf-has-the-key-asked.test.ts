import { issuanceChecks } from '../all-checks.ts';
import { caEvidence } from '../testing/ca-evidence-fixture.ts';
import { forget, put, recorded } from '../testing/evidence-fixture.ts';
import { describeCheck } from '../testing/mutation-fixture.ts';
import { leafHasTheKeyAsked } from './leaf-has-the-key-asked.ts';

describeCheck(leafHasTheKeyAsked, caEvidence, issuanceChecks, [
  {
    name: 'an RSA key was asked for',
    mutate: (evidence) =>
      put(recorded(evidence, 'Certificate'), ['spec', 'privateKey'], { algorithm: 'RSA', size: 2048 }),
    says: ['requests an RSA 2048 key', 'the leaf has ECDSA 256'],
  },
  {
    name: 'nothing was said of the key, which means RSA',
    mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['spec', 'privateKey'], undefined),
    says: ['requests an RSA 2048 key'],
  },
  {
    name: 'another curve was asked for',
    mutate: (evidence) => put(recorded(evidence, 'Certificate'), ['spec', 'privateKey', 'size'], 384),
    says: ['requests an ECDSA 384 key', 'the leaf has ECDSA 256'],
  },
  {
    name: 'no Secret',
    mutate: (evidence) => forget(evidence, 'Secret'),
    says: ['No Secret'],
    alsoRed: ['secret-holds-issued-certificate', 'chain-in-secret-ends-at-the-cas-root'],
  },
]);
