import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'route-on-https-only',
  title: "The solver's HTTPRoute is attached to the listener on port 443 alone",
  symptom: "The HTTPRoute is Accepted, and the Challenge says: wrong status code '404', expected '200'.",
  diagnosedAs: 'route-not-on-http-listener',
  verdict:
    /is attached to the listener https on port 443 of Gateway \S+\/web alone; the listener http on port 80 of Gateway \S+\/web, where the CA asks, takes no routes from the namespace \S+ \(allowedRoutes Same\)/,
  cure: {
    says: 'Let the listener for HTTP on port 80 take the route: allowedRoutes.namespaces.from All or Selector.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    address: { service: { namespace: namespaceOfFault('-edge'), name: 'web-istio' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
