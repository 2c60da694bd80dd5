import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'parent-of-another-kind',
  title: 'parentRefs of the solver has a kind that no controller knows',
  symptom: 'The Challenge stays pending, and nothing accepts the HTTPRoute.',
  diagnosedAs: 'http-route-not-accepted',
  verdict: /no controller takes routes of a parent of the kind GateWay, so no Gateway has the route/,
  cure: {
    says: 'Write the kind in parentRefs of the solver as the API has it: Gateway.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  upstream: ['cert-manager/cert-manager#7515'],
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    needs: ['gateway-api', 'cluster-changes'],
  },
});
