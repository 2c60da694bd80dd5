import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'missing-ingress-class',
  title: "The solver's Ingress names an IngressClass that does not exist",
  symptom: 'The Challenge stays pending, and the Ingress never gets an address.',
  diagnosedAs: 'missing-ingress-class',
  verdict: /no IngressClass 'no-such-class' exists/,
  cure: {
    says: "Create the IngressClass with Istio's controller, or name the class that exists in the solver of the Issuer.",
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
