import { join } from 'node:path';
import { caIssuanceChecks } from '../../src/checks/all-checks.ts';
import { caReachedTheSolver } from '../../src/checks/http-01/ca-reached-the-solver.ts';
import { solverLeftNothing } from '../../src/checks/http-01/solver-left-nothing.ts';
import { certificateOfShim } from '../../src/checks/issuance/certificate-of-shim.ts';
import { chainEndsAtTheCasRoot } from '../../src/checks/serving/chain-ends-at-the-cas-root.ts';
import { gatewayServesTheSecret } from '../../src/checks/serving/gateway-serves-the-secret.ts';
import { pointHostAtGateway } from '../../src/suite/actions/host-addresses.ts';
import { untilIssuanceEnded } from '../../src/suite/actions/renewal.ts';
import { probeChallengePathAfter, probeServedChain } from '../../src/suite/context/probes.ts';
import { servedByOwnGateway } from '../../src/suite/context/served-subject.ts';
import { untilCertificateReady, untilIssuerReady, untilSolverGone } from '../../src/suite/context/waits.ts';
import { scenario } from '../../src/suite/scenario.ts';

/** The whole by one Gateway of the Gateway API: nobody applies a Certificate. */
export const gatewayAnnotation = scenario({
  id: 'gateway-annotation',
  title: 'A Gateway with the annotation cert-manager.io/issuer, and listeners of other protocols, served',
  why: 'gateway-shim makes the Certificate for the HTTPS listener; listeners of TLS passthrough and TCP beside it must not keep it from that.',
  features: ['http01', 'gateway-httproute-solver', 'gateway-api', 'annotation'],
  changesClusterWide: null,
  settings: {},
  manifests: join(import.meta.dirname, 'manifests'),
  sharedNamespaces: () => [],
  timeLimitMs: 180_000,
  subject: servedByOwnGateway,
  async act(context) {
    await context.applyIssuer('issuer-gateway.yaml');
    await untilIssuerReady(context);
    await context.apply('gateway-annotated.yaml');
    await pointHostAtGateway(context);
    await untilCertificateReady(context);
    await untilIssuanceEnded(context, 1);
    await untilSolverGone(context);
  },
  async observe(context) {
    await probeServedChain(context);
    await probeChallengePathAfter(context);
  },
  checks: [
    ...caIssuanceChecks,
    certificateOfShim,
    caReachedTheSolver,
    solverLeftNothing,
    gatewayServesTheSecret,
    chainEndsAtTheCasRoot,
  ],
});
