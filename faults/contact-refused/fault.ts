import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'contact-refused',
  title: 'The CA does not take the e-mail address of the account',
  symptom: 'The Issuer is not Ready: the CA says invalidContact.',
  diagnosedAs: 'issuer-not-ready',
  verdict: /is not Ready \(ErrRegisterACMEAccount: .*acme:error:invalidContact: /,
  cure: {
    says: 'Set spec.acme.email of the Issuer to an address that the CA takes, or take it away.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
