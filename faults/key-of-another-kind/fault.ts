import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'key-of-another-kind',
  title: 'The CA does not sign keys of this kind',
  symptom: 'The Order is errored: badCSR.',
  diagnosedAs: 'csr-refused',
  verdict: /The CA does not accept the certificate signing request of Certificate \S+, whose key is Ed25519/,
  cure: {
    says: 'Ask for a key that the CA signs in spec.privateKey of the Certificate, such as ECDSA with 256 bits.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }, { renew: true }],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
  },
});
