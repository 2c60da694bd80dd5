import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'another-secret-served',
  title: 'A Gateway names another Secret than the one that the Certificate writes',
  symptom: 'The Certificate is Ready, and the host serves an older one.',
  diagnosedAs: 'another-secret-served',
  verdict: /serves the certificate of Secret \S+-copy, which Gateway \S+\/web names/,
  cure: {
    says: 'Name the Secret that the Certificate writes in the Gateway.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  upstream: ['istio/istio#18325', 'istio/istio#34425'],
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    isInGatewayNamespace: true,
    needs: ['cluster-changes'],
    servesItself: true,
  },
});
