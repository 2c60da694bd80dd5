import { servingChecks } from '../../../src/checks/all-checks.ts';
import { accountRegistered } from '../../../src/checks/issuance/account-registered.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { noHandshakeFailed } from '../../../src/checks/renewal/no-handshake-failed.ts';
import { ordersWithoutARefusedReplaces } from '../../../src/checks/renewal/orders-without-a-refused-replaces.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { backUpSecrets, rollBackSecret } from '../../../src/suite/actions/backup.ts';
import { withCertManagerArguments } from '../../../src/suite/actions/cert-manager-arguments.ts';
import { useFurtherCa } from '../../../src/suite/actions/further-ca.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { askForRenewal, untilIssuanceEnded, untilRevision } from '../../../src/suite/actions/renewal.ts';
import { untilReplaceable } from '../../../src/suite/actions/renewal-info.ts';
import { probeServedCertificate, probeUntilSecretIsServed } from '../../../src/suite/context/probes.ts';
import { beginHandshakes } from '../../../src/suite/context/series.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { within } from '../../../src/suite/context/time-limits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import rotationIngressGateway from '../rotation-ingress-gateway/scenario.ts';

export default scenario({
  id: 'renewal-already-replaced',
  title: 'A certificate is replaced, comes back from a backup, and is renewed again (RFC 9773)',
  why: 'The CA refuses a second replacement of the same certificate. A client that insists on it never renews what was restored from a backup.',
  expectation:
    'The restored leaf does not fit the last request, so cert-manager issues again and names in `replaces` what is already replaced. The CA refuses with alreadyReplaced, cert-manager orders without it, and no handshake fails. Its gate ACMEUseARI is on.',
  features: [
    ...(['http01', 'ingress-solver', 'istio-gateway', 'renewal', 'renewal-information', 'restore'] as const),
    ...(['handshakes', 'further-ca'] as const),
  ],
  changesClusterWide: 'restarts cert-manager with its feature gate ACMEUseARI and again without it',
  expects: { http: 'answers' },
  settings: { 'PEBBLE_AUTHZREUSE of a Pebble of its own': '100', 'feature gate ACMEUseARI of cert-manager': 'true' },
  manifests: rotationIngressGateway.manifests,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  timeLimitMs: 300_000,
  subject: servedByIngressGateway('already-replaced'),
  async act(context) {
    await useFurtherCa(context, { reusesAuthorizations: true });
    await withCertManagerArguments(context, ['--feature-gates=ACMEUseARI=true'], async () => {
      await issueAndServe(context);
      const revision = await untilReplaceable(context);
      const backup = await backUpSecrets(context);
      beginHandshakes(context);
      await askForRenewal(context);
      await untilRevision(context, revision + 1, within.certificateReady);
      await untilIssuanceEnded(context, revision + 1);
      await rollBackSecret(context, backup);
      await untilRevision(context, revision + 2, within.certificateReady);
      await probeUntilSecretIsServed(context);
    });
  },
  observe: probeServedCertificate,
  checks: [
    accountRegistered,
    secretHoldsIssuedCertificate,
    ...servingChecks,
    plainHttpAnswers,
    ordersWithoutARefusedReplaces,
    noHandshakeFailed,
  ],
});
