import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'strict-mtls-solver',
  title: 'A DestinationRule makes the gateway use mTLS to the solver, which has no sidecar',
  symptom: 'The Challenge stays pending, and its path answers 503.',
  diagnosedAs: 'strict-mtls-solver',
  verdict: /DestinationRule \S+\/mutual-for-all makes the gateway use mTLS to the solver/,
  cure: {
    says: 'Remove tls.mode from the DestinationRule, or give the solver a sidecar.',
    steps: [
      {
        remove: {
          apiVersion: 'networking.istio.io/v1',
          kind: 'DestinationRule',
          namespace: namespaceOfFault(),
          name: 'mutual-for-all',
        },
      },
    ],
  },
  upstream: ['istio/istio#15148', 'cert-manager/cert-manager#4471'],
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
