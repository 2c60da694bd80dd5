import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'credential-unusable',
  title: 'A Gateway names a Secret that has no certificate and key',
  symptom: 'The Certificate is Ready, but port 443 closes the connection.',
  diagnosedAs: 'credential-unusable',
  verdict: /names Secret \S+-by-hand, which has no certificate in tls\.crt/,
  cure: {
    says: 'Name the Secret that cert-manager writes.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    isInGatewayNamespace: true,
    needs: ['cluster-changes'],
    servesItself: true,
  },
});
