import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';
import { withoutOrder } from '../../src/faults/without-certificate.ts';
import { asIssuer } from '../../src/kube/cert-manager-objects.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';

/** No name resolves below it (RFC 6761 section 6.4). */
const nowhere = 'https://no-such-ca.invalid/dir';

function withUnreachableCa(object: KubeObject): KubeObject {
  const issuer = asIssuer(object);
  if (issuer?.spec?.acme === undefined) return object;
  return { ...issuer, spec: { ...issuer.spec, acme: { ...issuer.spec.acme, server: nowhere } } };
}

export default fault({
  id: 'ca-not-reachable',
  title: 'The Issuer names an ACME directory that does not exist',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'ca-not-reachable',
  verdict: /cannot reach the CA/,
  cure: {
    says: 'Set spec.acme.server of the Issuer to a directory that exists and that cert-manager reaches.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  inScenario: {
    turnsRed: ['account-registered', ...withoutOrder],
    changes: withUnreachableCa,
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
