import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'certificate-from-file',
  title: 'The Gateway serves a certificate from a file that was mounted into the gateway',
  symptom: 'The Certificate is Ready, and the host serves an older certificate, which no Secret of a Gateway has.',
  diagnosedAs: 'another-certificate-served',
  verdict: /serves another certificate \(serial \S+\) than the one in Secret fault-certificate-from-file\/fault/,
  cure: {
    says: 'Name the Secret that the Certificate writes as credentialName of the Gateway, in place of the files.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    address: { service: { namespace: namespaceOfFault(), name: 'edge' } },
    needs: ['gateway-api', 'any-address'],
    servesItself: true,
  },
});
