import { join } from 'node:path';
import { fault } from '../../src/faults/fault.ts';
import { besideAChallenge, withoutCertificate } from '../../src/faults/without-certificate.ts';

/** An address of the documentation range (RFC 5737): nothing answers for it. */
const strangersAddress = '192.0.2.77';

export default fault({
  id: 'wrong-address',
  title: 'The host name points at another address, where self-check and CA look for the challenge',
  symptom: 'The Challenge stays pending, and no request reaches the gateway.',
  diagnosedAs: 'host-points-elsewhere',
  verdict: /points at 192\.0\.2\.77, not at the gateway/,
  cure: {
    says: 'Point the host name at the address of the ingress gateway.',
    steps: [{ pointHostAt: 'gateway' }],
  },
  inScenario: {
    turnsRed: withoutCertificate,
    redWithWildcard: besideAChallenge,
    needs: ['http01'],
    needsAnyAddress: true,
    at: { 'before-issuer': (context) => context.pointHostAt(strangersAddress) },
  },
  onItsOwn: {
    manifest: join(import.meta.dirname, 'manifest.yaml'),
    address: { ip: strangersAddress },
    needs: ['any-address'],
  },
});
