import { join } from 'node:path';
import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { challengeWaitsForTheCure } from '../../../src/checks/http-01/challenge-waits-for-the-cure.ts';
import { serveApplication } from '../../../src/suite/actions/application.ts';
import { misconfigureUntilSeen } from '../../../src/suite/actions/misconfiguration.ts';
import { untilCertificateReady, untilIssuerReady, untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01GatewayApi from '../../core/http01-gateway-api/scenario.ts';

/** The fault that stages the same on its own. */
const fault = join(import.meta.dirname, '..', '..', '..', 'faults', 'strict-mtls-solver', 'manifest.yaml');

export default scenario({
  ...http01GatewayApi,
  id: 'strict-mtls-destination-rule',
  title:
    'A DestinationRule makes the gateway use mTLS to everything: the issuance must not complete, and completes once it is removed',
  why: 'STRICT mTLS alone is harmless, because Istio sees that the solver has no sidecar. A DestinationRule of old times overrides that, and renewals fail weeks later.',
  expectation:
    "With the DestinationRule the Challenge must wait with wrong status code '503', and once it is removed the issuance must complete.",
  features: [...http01GatewayApi.features, 'mutual-tls', 'fault'],
  timeLimitMs: 180_000,
  async act(context) {
    await serveApplication(context);
    await context.applyIssuer('issuer.yaml');
    await untilIssuerReady(context);
    await misconfigureUntilSeen(
      context,
      { file: fault, kind: 'DestinationRule', reason: "wrong status code '503', expected '200'" },
      () => context.apply('certificate.yaml'),
    );
    await untilCertificateReady(context);
    await untilSolverGone(context);
    await context.apply('gateway.yaml');
  },
  checks: [challengeWaitsForTheCure, ...goodPathChecks],
});
