import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'issuer-missing',
  title: 'The Certificate names an Issuer that does not exist',
  symptom: 'The Certificate never becomes Ready, and no Order is created.',
  diagnosedAs: 'issuer-missing',
  verdict: /names Issuer \S+\/no-such-issuer, which does not exist/,
  cure: {
    says: 'Create the Issuer, or name one that exists.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
