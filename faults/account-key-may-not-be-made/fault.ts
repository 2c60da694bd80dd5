import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'account-key-may-not-be-made',
  title: 'The Issuer may not make the key of its account, and the Secret for it does not exist',
  symptom: 'The Issuer is not Ready: disableAccountKeyGeneration is true, but the secret was not found.',
  diagnosedAs: 'issuer-secret-missing',
  verdict: /Issuer \S+\/acme names Secret acme-account \(privateKeySecretRef\), which does not exist in its namespace/,
  cure: {
    says: 'Take disableAccountKeyGeneration away from the Issuer, or create the Secret with the key.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
