import { servingChecks } from '../../../src/checks/all-checks.ts';
import { certificateRenewed } from '../../../src/checks/issuance/certificate-renewed.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { startsWithTheNewCertificate } from '../../../src/checks/lifecycle/starts-with-the-new-certificate.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { platformDeployments, without } from '../../../src/suite/actions/components-of-cluster.ts';
import { useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { renewCertificate } from '../../../src/suite/actions/renewal.ts';
import { probeUntilSecretIsServed } from '../../../src/suite/context/probes.ts';
import { beginHandshakes } from '../../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import rotationIngressGateway from '../rotation-ingress-gateway/scenario.ts';

export default scenario({
  ...rotationIngressGateway,
  id: 'renewal-without-gateway',
  title: 'A renewal while neither the gateway nor istiod runs: what comes up must not serve the old certificate',
  why: 'A node that was down comes back weeks later, and the certificate was renewed meanwhile. A gateway that starts with an old one shows clients an expired certificate.',
  expectation:
    'Nothing is served while the gateway is down; the first client that it serves again gets the new certificate.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'renewal', 'restarts', 'handshakes', 'further-ca'],
  changesClusterWide: 'stops istiod and the ingress gateway and starts them again',
  timeLimitMs: 300_000,
  subject: servedByIngressGateway('without-gateway'),
  async act(context) {
    await useFurtherCa(context, { reusesAuthorizations: true });
    await issueAndServe(context);
    beginHandshakes(context);
    const { gateway, istiod } = platformDeployments(context);
    await without(context, gateway, () => without(context, istiod, () => renewCertificate(context)));
    await probeUntilSecretIsServed(context);
  },
  checks: [
    secretHoldsIssuedCertificate,
    certificateRenewed,
    ...servingChecks,
    plainHttpAnswers,
    startsWithTheNewCertificate,
  ],
});
