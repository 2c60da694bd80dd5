import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'application-takes-well-known',
  title: 'A VirtualService of the application takes everything below /.well-known/, before the route to the solver',
  symptom: 'The challenge path answers as the application does, and the Challenge stays pending.',
  diagnosedAs: 'application-answers',
  verdict:
    /to outbound\|443\|\|kubernetes\.default\.svc\.cluster\.local instead of the solver; the answer is 400\. VirtualService \S+\/app has a route \(prefix \/\.well-known\/\) that comes before the one of the solver/,
  cure: {
    says: 'Let the VirtualService not match /.well-known/acme-challenge/, by a longer prefix for each thing that it serves.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  upstream: ['cert-manager/cert-manager#3429'],
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['gateway-api', 'cluster-changes'],
  },
});
