import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'issuer-of-another-group',
  title: 'issuerRef names a group that has no issuers',
  symptom: 'The CertificateRequest stays without a condition.',
  diagnosedAs: 'issuer-kind-unknown',
  verdict: /names the kind Issuer in the group acme\.cert-manager\.io, and the cluster has no such kind/,
  cure: {
    says: 'Take group away from issuerRef of the Certificate, or set it to cert-manager.io.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
