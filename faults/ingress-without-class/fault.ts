import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'ingress-without-class',
  title: 'The solver of the Issuer names no Ingress class, and none is the default',
  symptom: 'The Challenge stays pending, and the Ingress of the solver gets no address.',
  diagnosedAs: 'ingress-without-class',
  verdict: /Ingress \S+\/cm-acme-http-solver-\S+ names no class, and no controller serves it/,
  cure: {
    says: 'Set class: istio in the solver of the Issuer, or ingressClassName with a class of Istio.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  upstream: ['cert-manager/cert-manager#2517'],
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
