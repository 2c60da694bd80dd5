import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'common-name-is-no-dns-name',
  title: 'commonName is none of the DNS names',
  symptom: 'The Certificate stays without an Order, and cert-manager waits an hour.',
  diagnosedAs: 'common-name-is-no-dns-name',
  verdict: /failed before an Order: .*commonName "Field shop" is none of its dnsNames/,
  cure: {
    says: 'Take spec.commonName away from the Certificate, or make it one of dnsNames.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: { manifest: join(import.meta.dirname, 'manifest.yaml') },
});
