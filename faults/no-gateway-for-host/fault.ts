import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'no-gateway-for-host',
  title: 'No Gateway serves the host over TLS',
  symptom: 'The Certificate is Ready, but port 443 refuses or closes the connection.',
  diagnosedAs: 'no-tls-server',
  verdict: /The certificate is issued, but no Gateway serves \S+ over TLS/,
  cure: {
    says: 'Create a Gateway with a server or listener on port 443 for the host that names the Secret.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['cluster-changes', 'gateway-api'],
    servesItself: true,
  },
});
