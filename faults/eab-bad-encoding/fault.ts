import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'eab-bad-encoding',
  title: 'The external account key is not base64url',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'eab-bad-encoding',
  verdict: /is not base64url/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), needs: ['external-account'] },
});
