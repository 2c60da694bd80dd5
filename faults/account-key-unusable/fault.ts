import { join } from 'node:path';
import { namespaceOfFault } from '../../src/faults/cure.ts';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'account-key-unusable',
  title: 'The Secret for the key of the account has something else',
  symptom: 'The Issuer is not Ready: account private key is invalid.',
  diagnosedAs: 'account-key-unusable',
  verdict:
    /cannot use the account key in Secret acme-account \(Account private key is invalid: .*no PEM data was found/,
  cure: {
    says: 'Delete the Secret, so that cert-manager makes a new key.',
    steps: [{ remove: { apiVersion: 'v1', kind: 'Secret', namespace: namespaceOfFault(), name: 'acme-account' } }],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
  },
});
