import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'profile-unknown',
  title: 'The Issuer asks for a profile that the CA does not have',
  symptom: 'The Order is errored: the certificate authority does not advertise a profile with that name.',
  diagnosedAs: 'order-failed',
  verdict: /The Order ended errored: .*does not advertise a profile with name shortlived/,
  cure: {
    says: 'Set spec.acme.profile of the Issuer to one of the directory, or take it away, and renew the Certificate.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }, { renew: true }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
