import { join } from 'node:path';
import type { Check } from '../../src/checks/check.ts';
import { caReachedTheSolver } from '../../src/checks/http-01/ca-reached-the-solver.ts';
import { solverLeftNothing } from '../../src/checks/http-01/solver-left-nothing.ts';
import { chainEndsAtTheCasRoot } from '../../src/checks/serving/chain-ends-at-the-cas-root.ts';
import { gatewayServesTheSecret } from '../../src/checks/serving/gateway-serves-the-secret.ts';
import { untilIssuanceEnded } from '../../src/suite/actions/renewal.ts';
import type { ScenarioContext } from '../../src/suite/context/context.ts';
import { probeChallengePathAfter, probeServedChain } from '../../src/suite/context/probes.ts';
import { servedByOwnGateway } from '../../src/suite/context/served-subject.ts';
import { untilCertificateReady, untilSolverGone } from '../../src/suite/context/waits.ts';
import type { Scenario } from '../../src/suite/scenario.ts';

/** What the cases have in common that a Gateway of the Gateway API serves, one of their own. */
export const byOwnGateway = {
  changesClusterWide: null,
  settings: {},
  manifests: join(import.meta.dirname, 'manifests'),
  sharedNamespaces: () => [],
  timeLimitMs: 180_000,
  subject: servedByOwnGateway,
  async observe(context: ScenarioContext) {
    await probeServedChain(context);
    await probeChallengePathAfter(context);
  },
} satisfies Partial<Scenario>;

/** The checks of such a case, besides those of any issuance. */
export const ownGatewayChecks: readonly Check[] = [
  caReachedTheSolver,
  solverLeftNothing,
  gatewayServesTheSecret,
  chainEndsAtTheCasRoot,
];

/** Waits until the first certificate is there and its solver gone. @throws TimeoutError */
export async function untilIssued(context: ScenarioContext): Promise<void> {
  await untilCertificateReady(context);
  await untilIssuanceEnded(context, 1);
  await untilSolverGone(context);
}
