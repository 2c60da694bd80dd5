import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'proxy-protocol-expected',
  title: 'The gateway expects the PROXY protocol, and the load balancer does not speak it',
  symptom: 'The Challenge says: EOF, or connection reset by peer.',
  diagnosedAs: 'gateway-closes-connections',
  verdict:
    /the gateway fault-proxy-protocol-expected\/edge takes connections on port 80 and closes them without an answer; EnvoyFilter \S+\/proxy-protocol makes it expect the PROXY protocol/,
  cure: {
    says: 'Switch the PROXY protocol on at the load balancer, or take it away from the gateway.',
    steps: [
      {
        remove: {
          apiVersion: 'networking.istio.io/v1alpha3',
          kind: 'EnvoyFilter',
          namespace: namespaceOfFault(),
          name: 'proxy-protocol',
        },
      },
    ],
  },
  upstream: ['cert-manager/cert-manager#466'],
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    address: { service: { namespace: namespaceOfFault(), name: 'edge' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
