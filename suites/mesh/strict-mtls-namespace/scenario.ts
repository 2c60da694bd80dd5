import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { reachedByMutualTls } from '../../../src/checks/mesh/reached-by-mutual-tls.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01GatewayApi from '../../core/http01-gateway-api/scenario.ts';

export default scenario({
  ...http01GatewayApi,
  id: 'strict-mtls-namespace',
  title: 'A namespace with sidecars, STRICT mTLS, egress limits and token checks',
  why: 'The usual hardening of a namespace must reach the application and leave the solver alone, which has no sidecar.',
  features: [...http01GatewayApi.features, 'mutual-tls', 'sidecar'],
  manifests: import.meta.dirname,
  timeLimitMs: 180_000,
  async act(context) {
    await context.apply('mesh.yaml');
    await issueAndServe(context);
    await untilSolverGone(context);
  },
  checks: [...goodPathChecks, reachedByMutualTls],
});
