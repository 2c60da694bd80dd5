import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'ca-not-reachable',
  title: 'The Issuer names an ACME directory that does not exist',
  symptom: 'The Issuer never becomes Ready.',
  diagnosedAs: 'ca-not-reachable',
  verdict: /cannot reach the CA/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
