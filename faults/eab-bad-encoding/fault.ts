import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'eab-bad-encoding',
  title: 'The external account key is not base64url',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'eab-bad-encoding',
  verdict: /is not base64url/,
  cure: {
    says: 'Put the HMAC key into the Secret exactly as the CA gave it: base64url without padding.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), needs: ['external-account'] },
});
