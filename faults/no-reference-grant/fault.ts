import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'no-reference-grant',
  title: 'A Gateway names a Secret of another namespace, and no ReferenceGrant allows it',
  symptom: 'The Certificate is Ready, but port 443 closes the connection.',
  diagnosedAs: 'listener-may-not-read',
  verdict:
    /Gateway \S+\/web may not read Secret \S+\/fault: listener https has ResolvedRefs False, RefNotPermitted; no ReferenceGrant in \S+ allows it/,
  cure: {
    says: 'Create a ReferenceGrant in the namespace of the Secret, from Gateway in the namespace of the Gateway to that Secret.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  upstream: ['cert-manager/cert-manager#5610', 'istio/istio#36075'],
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    address: { service: { namespace: namespaceOfFault('-edge'), name: 'web-istio' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
