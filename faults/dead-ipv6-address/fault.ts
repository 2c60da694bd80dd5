import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'dead-ipv6-address',
  title: 'The host has an IPv6 address at which nothing answers',
  symptom: 'The self-check passes, and the CA rejects the Challenge: network is unreachable, or a timeout.',
  diagnosedAs: 'validation-failed',
  verdict: /The CA requested the challenge of \S+ and did not get the right answer: .*2001:db8::80/,
  cure: {
    says: 'Remove the AAAA record, or let the gateway answer at that address, and issue again.',
    steps: [{ pointHostAt: 'gateway' }, { renew: true }],
  },
  upstream: ['cert-manager/cert-manager#1157'],
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    address: { gatewayAnd: '2001:db8::80' },
    needs: ['any-address'],
  },
});
