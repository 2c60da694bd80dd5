import { join } from 'node:path';
import { placeholder } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'name-hidden-by-search-path',
  title: 'A Service of the cluster hides the public name of the host, which Pods look for in their search path first',
  symptom:
    'The Challenge says: context deadline exceeded, or that an address does not answer which is not one of the host.',
  diagnosedAs: 'inside-differs',
  verdict:
    /the challenge path works from outside, but cert-manager's last self-check from inside the cluster got no answer in time, and the log of the gateway \S+ has no self-check|inside the cluster the name \S+ has the address 203\.0\.113\.7/,
  cure: {
    says: 'Let the name lead to the same address inside the cluster as outside: rename the Service or its namespace.',
    steps: [
      {
        remove: {
          apiVersion: 'v1',
          kind: 'Service',
          // The names with which the search path makes `HOST.svc.cluster.local` of the host.
          namespace: placeholder('domainLastLabel'),
          name: placeholder('domainFirstLabel'),
        },
      },
    ],
  },
  upstream: ['cert-manager/cert-manager#1292', 'cert-manager/cert-manager#7085'],
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['cluster-changes', 'domain-of-two-labels'],
  },
});
