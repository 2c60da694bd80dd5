import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'eab-secret-missing',
  title: 'The Secret with the external account key does not exist',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'eab-secret-missing',
  verdict: /with the external account key does not exist/,
  cure: {
    says: 'Create the Secret with the HMAC key that the CA gave, in the namespace of the Issuer.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), needs: ['external-account'] },
});
