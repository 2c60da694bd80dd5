import { handshakeChecks, servingChecks } from '../../../src/checks/all-checks.ts';
import { certificateRenewed } from '../../../src/checks/issuance/certificate-renewed.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { revokedLeafIsReplaced } from '../../../src/checks/lifecycle/revoked-leaf-is-replaced.ts';
import { useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { renewCertificate } from '../../../src/suite/actions/renewal.ts';
import { revokeCertificate } from '../../../src/suite/actions/revocation.ts';
import { probeUntilSecretIsServed } from '../../../src/suite/context/probes.ts';
import { beginHandshakes, beginOpenConnection } from '../../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import rotationIngressGateway from '../rotation-ingress-gateway/scenario.ts';

export default scenario({
  ...rotationIngressGateway,
  id: 'revocation-and-reissue',
  title: 'A served certificate is revoked and issued again, with a client that connects every 20 ms',
  why: 'After a key was exposed, the certificate is revoked and replaced under traffic: with another key, without a lost connection.',
  expectation:
    'The CA revokes the certificate by its own key, and after `cmctl renew` another one with another key is served.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'renewal', 'revocation', 'handshakes', 'further-ca'],
  timeLimitMs: 180_000,
  subject: servedByIngressGateway('reissue'),
  async act(context) {
    await useFurtherCa(context, { reusesAuthorizations: true });
    await issueAndServe(context);
    beginHandshakes(context);
    beginOpenConnection(context);
    await revokeCertificate(context);
    await renewCertificate(context);
    await probeUntilSecretIsServed(context);
  },
  checks: [
    secretHoldsIssuedCertificate,
    certificateRenewed,
    revokedLeafIsReplaced,
    ...servingChecks,
    ...handshakeChecks,
  ],
});
