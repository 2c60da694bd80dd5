import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'eab-wrong-key',
  title: 'The external account key is not the key that the CA has',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'eab-wrong-key',
  verdict: /is not the one that the CA has/,
  cure: {
    says: 'Put the HMAC key into the Secret exactly as the CA gave it: base64url without padding.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), needs: ['external-account'] },
});
