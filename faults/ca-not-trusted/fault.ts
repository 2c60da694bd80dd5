import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'ca-not-trusted',
  title: 'cert-manager does not trust the TLS certificate of the ACME directory',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'ca-not-trusted',
  verdict: /does not trust the TLS certificate of the CA's own server/,
  cure: {
    says: "Set spec.acme.caBundle of the Issuer to the root of the certificate of the CA's own server.",
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
