import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'issuer-of-another-group',
  title: 'issuerRef names a group that has no issuers',
  symptom: 'The CertificateRequest stays without a condition.',
  diagnosedAs: 'issuer-kind-unknown',
  verdict: /names the kind Issuer in the group acme\.cert-manager\.io, and the cluster has no such kind/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
