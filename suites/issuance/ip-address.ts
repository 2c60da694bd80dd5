import { join } from 'node:path';
import { caIssuanceChecks } from '../../src/checks/all-checks.ts';
import { caReachedTheSolver } from '../../src/checks/http-01/ca-reached-the-solver.ts';
import { solverLeftNothing } from '../../src/checks/http-01/solver-left-nothing.ts';
import { chainEndsAtTheCasRoot } from '../../src/checks/serving/chain-ends-at-the-cas-root.ts';
import { gatewayServesTheSecret } from '../../src/checks/serving/gateway-serves-the-secret.ts';
import { pointHostAtGateway } from '../../src/suite/actions/host-addresses.ts';
import { untilIssuanceEnded } from '../../src/suite/actions/renewal.ts';
import { probeChallengePathAfter, probeServedChain } from '../../src/suite/context/probes.ts';
import { servedByOwnGateway } from '../../src/suite/context/served-subject.ts';
import { untilCertificateReady, untilIssuerReady, untilSolverGone } from '../../src/suite/context/waits.ts';
import { scenario } from '../../src/suite/scenario.ts';

/** A gateway of its own, whose address no other scenario has. */
export const ipAddress = scenario({
  id: 'ip-address',
  title: 'An IPv4 address by HTTP-01, served without SNI',
  why: 'A certificate for an address is validated and served without any name (RFC 8738): no route and no listener may need one.',
  features: ['http01', 'gateway-httproute-solver', 'gateway-api', 'ip-address'],
  changesClusterWide: null,
  settings: {},
  manifests: join(import.meta.dirname, 'manifests'),
  sharedNamespaces: () => [],
  timeLimitMs: 180_000,
  subject: servedByOwnGateway,
  async act(context) {
    await context.apply('gateway-ip-http.yaml');
    await pointHostAtGateway(context);
    const { gatewayAddress: address } = context;
    if (address === null) throw new Error('the gateway has no address');
    context.subject.host = address;
    await context.applyIssuer('issuer-gateway.yaml');
    await untilIssuerReady(context);
    await context.apply('certificate-ip.yaml', { address });
    await untilCertificateReady(context);
    await untilIssuanceEnded(context, 1);
    await untilSolverGone(context);
    await context.apply('gateway-ip.yaml');
  },
  async observe(context) {
    await probeServedChain(context);
    await probeChallengePathAfter(context);
  },
  checks: [...caIssuanceChecks, caReachedTheSolver, solverLeftNothing, gatewayServesTheSecret, chainEndsAtTheCasRoot],
});
