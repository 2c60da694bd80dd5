import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'ingress-class-of-nobody',
  title: 'The solver asks by annotation for a class that nothing serves',
  symptom: "The Challenge says: wrong status code '404', expected '200'.",
  diagnosedAs: 'ingress-class-of-nobody',
  verdict: /asks by annotation for the class nginx, which nothing in this cluster serves/,
  cure: {
    says: 'Set class: istio in the solver of the Issuer, or ingressClassName with a class of Istio.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
