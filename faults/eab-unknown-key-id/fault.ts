import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'eab-unknown-key-id',
  title: 'The CA does not know the external account key ID',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'eab-unknown-key-id',
  verdict: /does not know the external account key ID 'no-such-kid'/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), needs: ['external-account'] },
});
