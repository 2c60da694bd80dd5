import { goodPathChecks, missingIngressClassChecks } from '../../src/checks/all-checks.ts';
import { scenario } from '../../src/suite/scenario.ts';
import { serveApplication, serveOverTls } from '../../src/suite/use-case.ts';
import http01Ingress from './http01-ingress.ts';

/** From the Certificate on: cert-manager's first self-check comes at once, the next 10 s later. */
const challengeReasonWithinMs = 30_000;

export default scenario({
  ...http01Ingress,
  id: 'missing-ingress-class',
  title: 'No IngressClass istio: the issuance must not complete, and completes once the class is created',
  why: 'Istio ignores an Ingress of a class that does not exist and says nothing, the commonest cause of a Challenge that waits for ever.',
  expectation:
    "Without the class the Challenge must wait with wrong status code '404', no request may reach a solver, and once the class exists the issuance must complete.",
  features: ['http01', 'ingress-solver', 'istio-gateway', 'fault'],
  changesClusterWide: 'removes the IngressClass istio and creates it again',
  async act(stage) {
    await stage.removeIngressClass();
    try {
      await serveApplication(stage);
      await stage.applyIssuer('issuer.yaml');
      await stage.untilReady('Issuer');
      await stage.apply('certificate.yaml');
      await stage.untilChallengeReason("wrong status code '404', expected '200'", challengeReasonWithinMs);
      await stage.probeRecordedChallengePath();
    } finally {
      await stage.createIngressClass();
    }
    await stage.untilReady('Certificate');
    await stage.untilSolverGone();
    await serveOverTls(stage);
  },
  checks: [...missingIngressClassChecks, ...goodPathChecks],
});
