import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'ca-not-reachable',
  title: 'The Issuer names an ACME directory that does not exist',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'ca-not-reachable',
  verdict: /cannot reach the CA/,
  cure: {
    says: 'Set spec.acme.server of the Issuer to a directory that exists and that cert-manager reaches.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
