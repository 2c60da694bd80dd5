import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'two-certificates-one-secret',
  title: 'Two Certificates write the same Secret',
  symptom: 'The second Certificate never becomes Ready.',
  diagnosedAs: 'two-certificates-one-secret',
  verdict: /Certificate \S+\/first writes the same Secret/,
  cure: {
    says: 'Give each Certificate a Secret of its own.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
  },
});
