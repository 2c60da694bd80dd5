import { http01Checks, issuanceChecks } from '../../../src/checks/all-checks.ts';
import { chainEndsAtTheCasRoot } from '../../../src/checks/serving/chain-ends-at-the-cas-root.ts';
import { clientCertificateIsDemanded } from '../../../src/checks/serving/client-certificate-is-demanded.ts';
import { gatewayServesTheSecret } from '../../../src/checks/serving/gateway-serves-the-secret.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import optionalMutual, { serveInMode } from '../tls-mode-optional-mutual/scenario.ts';

export default scenario({
  ...optionalMutual,
  id: 'tls-mode-mutual',
  title: 'A Gateway of mode MUTUAL serves the certificate and refuses clients without one',
  why: 'Client certificates are demanded on port 443 alone: the challenge comes over port 80, and the served certificate is still that of the CA.',
  expectation:
    'The served chain is the one of the Secret and ends at the root of the CA, and a request without a client certificate is refused.',
  subject: servedByIngressGateway('mutual'),
  act: (context) => serveInMode(context, 'MUTUAL'),
  async observe(context) {
    await probeServedCertificate(context, { page: 'refused' });
  },
  checks: [
    ...issuanceChecks,
    ...http01Checks,
    gatewayServesTheSecret,
    chainEndsAtTheCasRoot,
    clientCertificateIsDemanded,
    plainHttpAnswers,
  ],
});
