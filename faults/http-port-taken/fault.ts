import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'http-port-taken',
  title: 'An older Gateway has port 80 of the gateway for TCP, so that Istio leaves out the one for HTTP',
  symptom: 'The challenge path answers as another server does, or not at all, and the Challenge stays pending.',
  diagnosedAs: 'http-port-taken',
  verdict:
    /Gateway \S+\/legacy takes port 80 of the gateway fault-http-port-taken\/edge for another protocol than HTTP/,
  cure: {
    says: 'Give the server for TCP another port, or the protocol HTTP.',
    steps: [
      {
        remove: {
          apiVersion: 'networking.istio.io/v1',
          kind: 'Gateway',
          namespace: namespaceOfFault(),
          name: 'legacy',
        },
      },
    ],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    address: { service: { namespace: namespaceOfFault(), name: 'edge' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
