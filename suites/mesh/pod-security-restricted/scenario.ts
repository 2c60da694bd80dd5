import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01GatewayApi from '../../core/http01-gateway-api/scenario.ts';

export default scenario({
  ...http01GatewayApi,
  id: 'pod-security-restricted',
  title: 'A namespace that enforces the Pod Security Standard restricted',
  why: 'cert-manager starts the solver in the namespace of the Certificate, and Istio a gateway: a namespace that refuses either breaks issuance at the first renewal.',
  features: [...http01GatewayApi.features, 'pod-security'],
  manifests: import.meta.dirname,
  timeLimitMs: 180_000,
  async act(context) {
    await context.apply('restricted.yaml');
    await issueAndServe(context);
    await untilSolverGone(context);
  },
  checks: goodPathChecks,
});
