import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'admission-webhook-gone',
  title: 'A webhook whose service is gone keeps the Pod of the solver from being created',
  symptom: 'The Challenge says: failed calling webhook.',
  diagnosedAs: 'solver-not-created',
  verdict: /the admission webhook pods\.policy\.example\.com does not answer, and its failurePolicy is Fail/,
  cure: {
    says: 'Remove the WebhookConfiguration of a product that is gone, or repair its service.',
    steps: [
      {
        remove: {
          apiVersion: 'admissionregistration.k8s.io/v1',
          kind: 'ValidatingWebhookConfiguration',
          name: namespaceOfFault(),
        },
      },
    ],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['cluster-changes'],
  },
});
