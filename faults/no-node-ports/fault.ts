import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'no-node-ports',
  title: 'A quota allows no node ports, and the Service of the solver wants one',
  symptom: 'The Challenge says: exceeded quota.',
  diagnosedAs: 'solver-not-created',
  verdict: /Service cannot be created: ResourceQuota \S+\/no-node-ports allows no node ports/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
