import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'eab-wrong-key',
  title: 'The external account key is not the key that the CA has',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'eab-wrong-key',
  verdict: /is not the one that the CA has/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), needs: ['external-account'] },
});
