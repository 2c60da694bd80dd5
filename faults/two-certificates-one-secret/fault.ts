import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'two-certificates-one-secret',
  title: 'Two Certificates write the same Secret',
  symptom: 'The second Certificate never becomes Ready.',
  diagnosedAs: 'two-certificates-one-secret',
  verdict: /Certificate \S+\/first writes the same Secret/,
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
  },
});
