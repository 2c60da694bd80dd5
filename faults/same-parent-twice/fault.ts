import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'same-parent-twice',
  title: 'parentRefs of the solver names one Gateway twice',
  symptom: 'The Challenge is not presented, and no HTTPRoute exists.',
  diagnosedAs: 'solver-not-created',
  verdict: /HTTPRoute cannot be created: .*Gateway web more than once/,
  upstream: ['cert-manager/cert-manager#8634', 'cert-manager/cert-manager#8611'],
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
