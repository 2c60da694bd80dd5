import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'service-without-tls-port',
  title: 'The Service of the gateway has no port 443',
  symptom: 'The Certificate is Ready, but port 443 refuses the connection.',
  diagnosedAs: 'service-without-tls-port',
  verdict: /the Service \S+\/edge of the gateway has no port 443 \(it has 80\)/,
  cure: {
    says: 'Add port 443 to the Service of the gateway.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    address: { service: { namespace: namespaceOfFault(), name: 'edge' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
