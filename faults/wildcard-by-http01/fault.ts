import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'wildcard-by-http01',
  title: 'A wildcard is asked for, and the Issuer has HTTP-01 alone',
  symptom: 'The Order stays pending, and there is no Challenge.',
  diagnosedAs: 'no-solver-fits',
  verdict: /the CA offers dns-01 alone for a wildcard, and no solver of Issuer \S+ does dns-01/,
  cure: {
    says: 'Ask for the single names instead of the wildcard, or give the Issuer a dns01 solver.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
