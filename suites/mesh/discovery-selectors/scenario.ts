import { goodPathChecks } from '../../../src/checks/all-checks.ts';
import { unselectedIsLeftAlone } from '../../../src/checks/mesh/unselected-is-left-alone.ts';
import { issueAndServe } from '../../../src/suite/actions/issuance.ts';
import { withMeshConfig } from '../../../src/suite/actions/mesh-config.ts';
import { untilSolverGone } from '../../../src/suite/context/waits.ts';
import { scenario } from '../../../src/suite/scenario.ts';
import http01GatewayApi from '../../core/http01-gateway-api/scenario.ts';

/** istiod needs its own namespace besides. */
const discoverySelectors = [
  { matchLabels: { 'padlock.test/mesh': 'enabled' } },
  { matchLabels: { 'kubernetes.io/metadata.name': 'istio-system' } },
];

export default scenario({
  ...http01GatewayApi,
  id: 'discovery-selectors',
  title: 'discoverySelectors limit the namespaces that istiod looks at',
  why: 'In a large cluster istiod is told which namespaces are its business. Challenge, route and certificate must all be in one of them, and a team that is forgotten gets no gateway and no word.',
  expectation:
    'In a namespace with the label the certificate is issued and served; a Gateway in one without it is never accepted.',
  features: [...http01GatewayApi.features, 'discovery-selectors'],
  changesClusterWide: 'sets discoverySelectors of the mesh and restarts istiod',
  settings: { 'meshConfig.discoverySelectors': JSON.stringify(discoverySelectors) },
  manifests: import.meta.dirname,
  sharedNamespaces: ({ namespace }) => [`${namespace}-unselected`],
  timeLimitMs: 300_000,
  async act(context) {
    await withMeshConfig(context, { discoverySelectors }, async () => {
      await context.apply('namespaces.yaml');
      await issueAndServe(context);
      await untilSolverGone(context);
    });
  },
  checks: [...goodPathChecks, unselectedIsLeftAlone],
});
