import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'limit-range',
  title: 'A LimitRange does not admit the Pod of the solver',
  symptom: 'The Challenge says: is forbidden: minimum cpu usage per Container.',
  diagnosedAs: 'solver-not-created',
  verdict:
    /Pod cannot be created: LimitRange \S+\/floor wants at least 100m CPU per container, and the solver asks for 10m/,
  cure: {
    says: 'Ask for as much as the LimitRange wants, in podTemplate.spec.resources of the solver, or lower the LimitRange.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
