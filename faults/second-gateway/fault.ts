import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'second-gateway',
  title: 'The host leads to a gateway of the user, and Istio gives the Ingress of the solver to another',
  symptom: 'The Challenge says: did not get expected response, and the challenge path answers as the site does.',
  diagnosedAs: 'route-at-another-gateway',
  verdict:
    /requests for \S+ come in at the gateway fault-second-gateway\/edge, and Istio gives the solver's Ingress only to the gateway labelled istio=ingressgateway/,
  cure: {
    says: 'Use the solver gatewayHTTPRoute with a Gateway on that gateway, or DNS-01, or set meshConfig.ingressSelector and ingressService to that gateway.',
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
