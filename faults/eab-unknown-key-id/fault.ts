import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'eab-unknown-key-id',
  title: 'The CA does not know the external account key ID',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'eab-unknown-key-id',
  verdict: /does not know the external account key ID 'no-such-kid'/,
  cure: {
    says: 'Set keyID of the external account binding to the key ID that the CA gave, with its key.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), needs: ['external-account'] },
});
