import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';

export default fault({
  id: 'mutual-without-ca',
  title: 'A Gateway demands client certificates and has no CA to verify them by',
  symptom: 'The Certificate is Ready, but port 443 closes the connection.',
  diagnosedAs: 'mutual-without-ca',
  verdict: /has tls\.mode MUTUAL and no CA to verify clients by/,
  cure: {
    says: 'Set tls.mode to SIMPLE, or create the Secret NAME-cacert with the CA of the clients.',
    steps: [{ apply: join(import.meta.dirname, 'cure.yaml') }],
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    isInGatewayNamespace: true,
    needs: ['cluster-changes'],
    servesItself: true,
  },
});
