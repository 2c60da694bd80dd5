import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'no-node-ports',
  title: 'A quota allows no node ports, and the Service of the solver wants one',
  symptom: 'The Challenge says: exceeded quota.',
  diagnosedAs: 'solver-not-created',
  verdict: /Service cannot be created: ResourceQuota \S+\/no-node-ports allows no node ports/,
  cure: {
    says: 'Set serviceType: ClusterIP in the solver of the Issuer, or raise the quota.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
