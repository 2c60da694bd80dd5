import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'wildcard-by-http01',
  title: 'A wildcard is asked for, and the Issuer has HTTP-01 alone',
  symptom: 'The Order stays pending, and there is no Challenge.',
  diagnosedAs: 'no-solver-fits',
  verdict: /the CA offers dns-01 alone for a wildcard, and no solver of Issuer \S+ does dns-01/,
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
