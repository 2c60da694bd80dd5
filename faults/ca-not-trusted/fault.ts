import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'ca-not-trusted',
  title: 'cert-manager does not trust the TLS certificate of the ACME directory',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'ca-not-trusted',
  verdict: /does not trust the TLS certificate of the CA's own server/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
