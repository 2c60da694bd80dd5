import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'selector-fits-no-name',
  title: 'The selector of the only solver does not fit the name',
  symptom: 'The Order stays pending, and there is no Challenge.',
  diagnosedAs: 'no-solver-fits',
  verdict: /no selector \(dnsNames, dnsZones, matchLabels\) of the solvers of Issuer \S+ fits the name/,
  cure: {
    says: 'Remove the selector, or add a solver whose selector fits the name.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
