import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'gateway-class-of-nobody',
  title: 'The class of the Gateway for the solver does not exist',
  symptom: 'The Challenge stays pending, and the Gateway has no address.',
  diagnosedAs: 'http-route-not-accepted',
  verdict: /the class no-such-class of Gateway \S+ does not exist/,
  cure: {
    says: 'Give the Gateway a GatewayClass that exists, such as istio.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['gateway-api', 'cluster-changes'],
  },
});
