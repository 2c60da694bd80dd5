import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'second-name-does-not-resolve',
  title: 'The Certificate is for two names, of which the second has no address',
  symptom: 'One Challenge is valid, and the other stays pending: no such host.',
  diagnosedAs: 'host-does-not-resolve',
  verdict: /the name www\.second-name-does-not-resolve\.\S+ has no address/,
  cure: {
    says: 'Create a record for the second name too, or take the name out of the Certificate.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
