import { servingChecks } from '../../../src/checks/all-checks.ts';
import { certificateRenewed } from '../../../src/checks/issuance/certificate-renewed.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { catchesUpWithTheSecret } from '../../../src/checks/lifecycle/catches-up-with-the-secret.ts';
import { noHandshakeFailed } from '../../../src/checks/renewal/no-handshake-failed.ts';
import { openConnectionGoesOn } from '../../../src/checks/renewal/open-connection-goes-on.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { platformDeployments, without } from '../../../src/suite/actions/components-of-cluster.ts';
import { useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { renewCertificate } from '../../../src/suite/actions/renewal.ts';
import { probeUntilSecretIsServed } from '../../../src/suite/context/probes.ts';
import { beginHandshakes, beginOpenConnection } from '../../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import rotationIngressGateway from '../rotation-ingress-gateway/scenario.ts';

export default scenario({
  ...rotationIngressGateway,
  id: 'renewal-without-istiod',
  title: 'A renewal while the gateway is cut off from istiod, with a client that connects every 20 ms',
  why: 'istiod brings the new certificate to the gateway. While it is away, clients must not notice, and once it is back the gateway must not keep the old one.',
  expectation:
    'The old certificate stays served while istiod is away, the new one is served soon after it is back, and no handshake fails.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'renewal', 'restarts', 'handshakes', 'further-ca'],
  changesClusterWide: 'stops istiod and starts it again',
  timeLimitMs: 300_000,
  subject: servedByIngressGateway('without-istiod'),
  async act(context) {
    await useFurtherCa(context, { reusesAuthorizations: true });
    await issueAndServe(context);
    beginHandshakes(context);
    beginOpenConnection(context);
    await without(context, platformDeployments(context).istiod, () => renewCertificate(context));
    await probeUntilSecretIsServed(context);
  },
  checks: [
    secretHoldsIssuedCertificate,
    certificateRenewed,
    ...servingChecks,
    plainHttpAnswers,
    noHandshakeFailed,
    openConnectionGoesOn,
    catchesUpWithTheSecret,
  ],
});
