import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'http-route-not-accepted',
  title: "The solver's HTTPRoute names a Gateway that takes no routes from other namespaces",
  symptom: 'The Challenge stays pending, and the Gateway never gets a route for it.',
  diagnosedAs: 'http-route-not-accepted',
  verdict: /is not attached to Gateway \S+\/shared: Accepted is False, NotAllowedByListeners/,
  cure: {
    says: 'Let the HTTP listener of the Gateway take routes from the namespace of the Certificate: allowedRoutes.namespaces.from All or Selector.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    address: { service: { namespace: namespaceOfFault('-gateway'), name: 'shared-istio' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
