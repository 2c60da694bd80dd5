import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'admission-policy-denies',
  title: 'An admission policy denies the Ingress of the solver',
  symptom: 'The Challenge says: ValidatingAdmissionPolicy denied request.',
  diagnosedAs: 'solver-not-created',
  verdict: /the solver's Ingress cannot be created: ValidatingAdmissionPolicy \S+ \(binding \S+\) denies it/,
  cure: {
    says: 'Exempt what has the label acme.cert-manager.io/http01-solver from the policy, or let the solver fit it.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['cluster-changes'],
  },
});
