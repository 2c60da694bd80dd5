import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'service-without-http-port',
  title: 'The Service of the gateway has no port 80',
  symptom: 'The self-check gets no answer: context deadline exceeded, or connection refused.',
  diagnosedAs: 'service-without-http-port',
  verdict:
    /the Service fault-service-without-http-port\/edge of the gateway, where \S+ leads, has no port 80 \(it has 443\)/,
  cure: {
    says: 'Add port 80 to the Service of the gateway: CAs validate by HTTP-01 on port 80 alone.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    address: { service: { namespace: namespaceOfFault(), name: 'edge' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
