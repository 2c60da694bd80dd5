import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'dns01-wrong-key',
  title: 'The TSIG key of the DNS-01 solver is wrong',
  symptom: 'The Challenge stays pending and cannot be deleted.',
  diagnosedAs: 'dns01-wrong-key',
  verdict: /refuses the update because the signature by the TSIG key 'padlock-update' is wrong/,
  cure: {
    says: 'Put the TSIG key of the name server into the Secret of the Issuer.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml'), needs: ['dns01'], slowsOthers: 'for good' },
});
