import { handshakeChecks, renewalByAriChecks, servingChecks } from '../../../src/checks/all-checks.ts';
import { accountRegistered } from '../../../src/checks/issuance/account-registered.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { withCertManagerArguments } from '../../../src/suite/actions/cert-manager-arguments.ts';
import { useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { untilRevision } from '../../../src/suite/actions/renewal.ts';
import { moveRenewalWindow, untilRenewalInfo, untilReplaceable } from '../../../src/suite/actions/renewal-info.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { beginHandshakes, beginOpenConnection } from '../../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { within } from '../../../src/suite/context/time-limits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import rotationIngressGateway from '../rotation-ingress-gateway/scenario.ts';

export default scenario({
  id: 'renewal-by-ari',
  title: 'A renewal that the CA asks for (RFC 9773)',
  why: 'A CA that must revoke many certificates moves their renewal windows, and only clients that ask for them renew in time.',
  expectation:
    "The certificate is valid for 90 days; the CA moves its renewal window to now, and cert-manager renews it at once, with `replaces` in the order. cert-manager's gate ACMEUseARI is on.",
  features: ['http01', 'ingress-solver', 'istio-gateway', 'renewal-information', 'handshakes', 'further-ca'],
  changesClusterWide: 'restarts cert-manager with its feature gate ACMEUseARI and again without it',
  expects: { http: 'answers' },
  settings: { 'PEBBLE_AUTHZREUSE of a Pebble of its own': '100', 'feature gate ACMEUseARI of cert-manager': 'true' },
  manifests: rotationIngressGateway.manifests,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  timeLimitMs: 240_000,
  subject: servedByIngressGateway('ari'),
  async act(context) {
    const ca = await useFurtherCa(context, { reusesAuthorizations: true });
    await withCertManagerArguments(context, ['--feature-gates=ACMEUseARI=true'], async () => {
      await issueAndServe(context);
      const revision = await untilReplaceable(context);
      await untilRenewalInfo(context);
      beginHandshakes(context);
      beginOpenConnection(context);
      await moveRenewalWindow(context, ca);
      await untilRevision(context, revision + 1, within.certificateReady);
    });
  },
  observe: probeServedCertificate,
  checks: [
    accountRegistered,
    secretHoldsIssuedCertificate,
    ...servingChecks,
    plainHttpAnswers,
    ...renewalByAriChecks,
    ...handshakeChecks,
  ],
});
