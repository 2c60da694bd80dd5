import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'same-parent-twice',
  title: 'parentRefs of the solver names one Gateway twice',
  symptom: 'The Challenge is not presented, and no HTTPRoute exists.',
  diagnosedAs: 'solver-not-created',
  verdict: /HTTPRoute cannot be created: .*Gateway web more than once/,
  cure: {
    says: 'Name the Gateway once in parentRefs, or each time with another sectionName.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  affects: 'cert-manager 1.20.0 makes the pair by itself; a pair that is written down is refused with every version',
  upstream: ['cert-manager/cert-manager#8634', 'cert-manager/cert-manager#8611'],
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    address: { service: { namespace: namespaceOfFault(), name: 'web-istio' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
