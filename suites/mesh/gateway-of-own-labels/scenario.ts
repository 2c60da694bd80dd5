import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { probeServedCertificate } from '../../../src/suite/context/probes.ts';
import { servedByOwnGateway } from '../../../src/suite/context/served-subject.ts';
import { untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';

export default scenario({
  id: 'gateway-of-own-labels',
  title: 'A gateway with labels, a namespace and ports of its own serves challenge and certificate',
  why: 'Whoever installs a gateway by itself chooses its labels and its namespace. Nothing of Istio or cert-manager selects it then, unless each object names it.',
  features: ['http01', 'gateway-httproute-solver', 'gateway-api', 'istio-gateway', 'own-gateway-deployment'],
  changesClusterWide: null,
  expects: { http: 'answers' },
  settings: {},
  manifests: import.meta.dirname,
  sharedNamespaces: () => [],
  gatewayPods: 'example.com/edge=public',
  timeLimitMs: 180_000,
  subject: (names) => ({ ...servedByOwnGateway(names), gateway: { namespace: names.namespace, name: 'edge' } }),
  async act(context) {
    await context.apply('edge.yaml');
    await issueAndServe(context);
    await untilSolverGone(context);
  },
  observe: probeServedCertificate,
  checks: goodPathChecks,
});
