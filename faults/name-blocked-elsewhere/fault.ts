import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'name-blocked-elsewhere',
  title: 'Another Certificate for the same name has a Challenge that does not get through',
  symptom: 'The Challenge has no state, no reason and no solver.',
  diagnosedAs: 'name-blocked-by-another-challenge',
  verdict:
    /works on one HTTP-01 Challenge per name at a time, and Challenge \S+-trial\/parked-\S+ for the same name \S+ is not through/,
  cure: {
    says: 'Cure or delete the other Certificate.',
    steps: [
      {
        remove: {
          apiVersion: 'cert-manager.io/v1',
          kind: 'Certificate',
          namespace: namespaceOfFault('-trial'),
          name: 'parked',
        },
      },
    ],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml'), certificates: 'presented' },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
  },
});
