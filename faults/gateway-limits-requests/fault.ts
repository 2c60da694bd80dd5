import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'gateway-limits-requests',
  title: 'A rate limit of the gateway counts the challenge path',
  symptom: 'The Challenge says: wrong status code 429.',
  diagnosedAs: 'gateway-refuses',
  verdict: /the gateway fault-gateway-limits-requests\/edge itself answers the challenge path with 429; a rate limit/,
  cure: {
    says: 'Leave the challenge path out of the rate limit, or raise it.',
    steps: [
      {
        remove: {
          apiVersion: 'networking.istio.io/v1alpha3',
          kind: 'EnvoyFilter',
          namespace: namespaceOfFault(),
          name: 'limit',
        },
      },
    ],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    address: { service: { namespace: namespaceOfFault(), name: 'edge' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
