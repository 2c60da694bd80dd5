import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'strict-mtls-solver',
  title: 'A DestinationRule makes the gateway use mTLS to the solver, which has no sidecar',
  symptom: 'The Challenge stays pending, and its path answers 503.',
  diagnosedAs: 'strict-mtls-solver',
  verdict: /DestinationRule \S+\/mutual-for-all makes the gateway use mTLS to the solver/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
