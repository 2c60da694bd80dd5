import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'gateway-scaled-to-zero',
  title: 'The gateway that the host leads to has no Pod',
  symptom: 'The Challenge says: connection refused.',
  diagnosedAs: 'gateway-not-running',
  verdict: /the gateway fault-gateway-scaled-to-zero\/edge does not run, as no Pod has the labels/,
  cure: {
    says: 'Scale the Deployment of the gateway up.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    address: { service: { namespace: namespaceOfFault(), name: 'edge' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
