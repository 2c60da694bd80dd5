import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'solver-not-created',
  title: 'A ResourceQuota lets no solver Pod be created',
  symptom: 'The Challenge stays pending, and no solver Pod appears.',
  diagnosedAs: 'solver-not-created',
  verdict: /cannot be created: .*exceeded quota/,
  cure: {
    says: 'Raise or remove the quota.',
    steps: [{ remove: { apiVersion: 'v1', kind: 'ResourceQuota', namespace: namespaceOfFault(), name: 'no-pods' } }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), slowsOthers: 'while it lasts' },
});
