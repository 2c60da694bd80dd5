import { goodPathChecks, missingIngressClassChecks } from '../../../src/checks/all-checks.ts';
import { serveApplication } from '../../../src/suite/actions/application.ts';
import { createIngressClass, removeIngressClass } from '../../../src/suite/actions/ingress-class.ts';
import { probeRecordedChallengePath } from '../../../src/suite/context/probes.ts';
import {
  untilCertificateReady,
  untilChallengeReason,
  untilIssuerReady,
  untilSolverGone,
} from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01Ingress from '../http01-ingress/scenario.ts';

/** From the Certificate on: cert-manager's first self-check comes at once, the next 10 s later. */
const challengeReasonWithinMs = 30_000;

export default scenario({
  ...http01Ingress,
  id: 'missing-ingress-class',
  title: 'No IngressClass istio: the issuance must not complete, and completes once the class is created',
  why: 'Istio ignores an Ingress whose class does not exist and reports nothing: the most common cause of a Challenge that stays pending forever.',
  expectation:
    "Without the class the Challenge must wait with wrong status code '404', no request may reach a solver, and once the class exists the issuance must complete.",
  features: ['http01', 'ingress-solver', 'istio-gateway', 'fault'],
  changesClusterWide: 'removes the IngressClass istio and creates it again',
  async act(context) {
    const removed = await removeIngressClass(context);
    try {
      await serveApplication(context);
      await context.applyIssuer('issuer.yaml');
      await untilIssuerReady(context);
      await context.apply('certificate.yaml');
      await untilChallengeReason(context, "wrong status code '404', expected '200'", challengeReasonWithinMs);
      await probeRecordedChallengePath(context);
    } finally {
      await createIngressClass(context, removed);
    }
    await untilCertificateReady(context);
    await untilSolverGone(context);
    await context.apply('gateway.yaml');
    await context.apply('virtual-service.yaml');
  },
  checks: [...missingIngressClassChecks, ...goodPathChecks],
});
