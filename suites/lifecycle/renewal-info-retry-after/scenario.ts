import { renewalByAriChecks, servingChecks } from '../../../src/checks/all-checks.ts';
import { accountRegistered } from '../../../src/checks/issuance/account-registered.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { asksAgainWhenTheCaSays } from '../../../src/checks/renewal/asks-again-when-the-ca-says.ts';
import { noHandshakeFailed } from '../../../src/checks/renewal/no-handshake-failed.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { withCertManagerArguments } from '../../../src/suite/actions/cert-manager-arguments.ts';
import { useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { untilRevision } from '../../../src/suite/actions/renewal.ts';
import {
  moveRenewalWindow,
  retryRenewalInfoAfter,
  untilRenewalInfo,
  untilRenewalInfoOfLeaf,
  untilReplaceable,
} from '../../../src/suite/actions/renewal-info.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { beginHandshakes } from '../../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { within } from '../../../src/suite/context/time-limits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import rotationIngressGateway from '../rotation-ingress-gateway/scenario.ts';

/** The longest pause that RFC 9773 section 4.3.2 has clients accept. */
const daySeconds = 86_400;

export default scenario({
  id: 'renewal-info-retry-after',
  title: 'A CA that wants to be asked about a renewal once a day (RFC 9773)',
  why: 'A pause of a day is about one certificate. A client that keeps it for the next one learns a day late what that one needs.',
  expectation:
    'cert-manager asks again after a day; at that question it learns that the window was moved and renews, with `replaces` in the order; about the new leaf it asks at once. Its gate ACMEUseARI is on.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'renewal-information', 'handshakes', 'further-ca'],
  changesClusterWide: 'restarts cert-manager with its feature gate ACMEUseARI and again without it',
  expects: { http: 'answers' },
  settings: { 'feature gate ACMEUseARI of cert-manager': 'true' },
  manifests: rotationIngressGateway.manifests,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  timeLimitMs: 300_000,
  subject: servedByIngressGateway('retry-after'),
  async act(context) {
    // A challenge for each order takes seconds: cert-manager compares the time of its last question with the beginning of a leaf.
    const ca = await useFurtherCa(context, { canFail: true });
    await retryRenewalInfoAfter(context, ca, daySeconds);
    await withCertManagerArguments(context, ['--feature-gates=ACMEUseARI=true'], async () => {
      await issueAndServe(context);
      const revision = await untilReplaceable(context);
      await untilRenewalInfo(context);
      beginHandshakes(context);
      await moveRenewalWindow(context, ca);
      await untilRevision(context, revision + 1, within.certificateReady);
      await untilRenewalInfoOfLeaf(context);
    });
  },
  observe: probeServedCertificate,
  checks: [
    accountRegistered,
    secretHoldsIssuedCertificate,
    ...servingChecks,
    plainHttpAnswers,
    ...renewalByAriChecks,
    asksAgainWhenTheCaSays,
    noHandshakeFailed,
  ],
});
