import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'parent-missing',
  title: "The solver's HTTPRoute names a Gateway that does not exist",
  symptom: 'The Challenge stays pending, and nothing accepts the HTTPRoute.',
  diagnosedAs: 'http-route-not-accepted',
  verdict: /is not attached to Gateway \S+\/no-such-gateway: Gateway \S+\/no-such-gateway does not exist/,
  cure: {
    says: 'Set parentRefs of the solver to a Gateway that exists and has an HTTP listener on port 80.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  upstream: ['cert-manager/cert-manager#7890', 'cert-manager/cert-manager#7515'],
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['gateway-api', 'cluster-changes'],
  },
});
