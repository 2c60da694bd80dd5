import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { servedByOwnGateway } from '../../../src/suite/context/served-subject.ts';
import { untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01GatewayApi from '../../core/http01-gateway-api/scenario.ts';

export default scenario({
  ...http01GatewayApi,
  id: 'gateway-api-across-namespaces',
  title: 'A shared Gateway in its own namespace; route, solver and certificate in that of a team',
  why: "A platform team's Gateway admits routes by allowedRoutes and reads the team's Secret by a ReferenceGrant: both the challenge and the certificate cross namespaces.",
  features: [...http01GatewayApi.features, 'across-namespaces'],
  manifests: import.meta.dirname,
  sharedNamespaces: ({ namespace }) => [`${namespace}-gateway`],
  timeLimitMs: 180_000,
  subject: (names) => ({
    ...servedByOwnGateway(names),
    gateway: { namespace: `${names.namespace}-gateway`, name: 'shared-istio' },
  }),
  async act(context) {
    await issueAndServe(context);
    await untilSolverGone(context);
  },
  checks: goodPathChecks,
});
