import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'eab-required',
  title: 'The CA demands external account binding and the Issuer has none',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'eab-required',
  verdict: /demands external account binding/,
  cure: {
    says: 'Set spec.acme.externalAccountBinding of the Issuer with the key ID and the HMAC key that the CA gave.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), needs: ['external-account'] },
});
