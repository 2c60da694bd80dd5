import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'only-the-ca-is-turned-away',
  title: "A policy of the gateway turns the CA's own request away",
  symptom: 'The self-check passes, and the CA says: 403 unauthorized.',
  diagnosedAs: 'gateway-refuses-ca',
  verdict:
    /The CA's own request for \S+ reached the gateway \S+ and was answered 403 there; AuthorizationPolicy \S+\/fault-known-clients/,
  cure: {
    says: 'Leave /.well-known/acme-challenge/* out of the policy for everyone, and renew the Certificate.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }, { renew: true }],
  },
  onItsOwn: {
    before: { manifest: join(import.meta.dirname, 'before.yaml') },
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    needs: ['cluster-changes'],
  },
});
