import { servingChecks } from '../../../src/checks/all-checks.ts';
import { accountRegistered } from '../../../src/checks/issuance/account-registered.ts';
import { secretHoldsIssuedCertificate } from '../../../src/checks/issuance/secret-holds-issued-certificate.ts';
import { restoredWithoutAnOrder } from '../../../src/checks/lifecycle/restored-without-an-order.ts';
import { plainHttpAnswers } from '../../../src/checks/serving/plain-http-answers.ts';
import { backUpSecrets, loseObjects, restoreSecrets } from '../../../src/suite/actions/backup.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { probeServedCertificate, probeUntilSecretIsServed } from '../../../src/suite/context/probes.ts';
import { servedByIngressGateway } from '../../../src/suite/context/served-subject.ts';
import { untilCertificateReady, untilIssuerReady, untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';

export default scenario({
  id: 'restored-from-backup',
  title: 'Certificate, account and their Secrets are lost and restored from a backup: nothing is ordered again',
  why: 'A cluster that is set up anew gets its Secrets from a backup. If each Certificate is ordered again, a large cluster meets the rate limits of its CA on its worst day.',
  expectation:
    'Secrets first, then Issuer and Certificate: both are Ready with the account and the leaf of before, and the CA gets no Order.',
  features: ['http01', 'ingress-solver', 'istio-gateway', 'restore'],
  changesClusterWide: null,
  expects: { http: 'answers' },
  settings: {},
  manifests: import.meta.dirname,
  sharedNamespaces: ({ gateway }) => [gateway.namespace],
  timeLimitMs: 180_000,
  subject: servedByIngressGateway('restored'),
  async act(context) {
    await issueAndServe(context);
    await untilSolverGone(context);
    const backup = await backUpSecrets(context);
    await loseObjects(context);
    await restoreSecrets(context, backup);
    await context.applyIssuer('issuer.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate.yaml');
    await untilCertificateReady(context);
    await probeUntilSecretIsServed(context);
  },
  observe: probeServedCertificate,
  checks: [accountRegistered, secretHoldsIssuedCertificate, restoredWithoutAnOrder, ...servingChecks, plainHttpAnswers],
});
