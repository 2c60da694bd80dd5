import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'solver-unschedulable',
  title: 'The Pod of the solver fits no node',
  symptom: 'The Challenge says: wrong status code 503, and the Pod of the solver stays Pending.',
  diagnosedAs: 'solver-not-ready',
  verdict: /Unschedulable: .*node\(s\) didn't match/,
  cure: {
    says: 'Take the nodeSelector that no node has out of podTemplate of the solver, or label a node.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
  },
});
