import { platformDeployments } from '../../../src/suite/actions/components-of-cluster.ts';
import { cutOff } from '../cut-off.ts';
import { failure } from '../failure.ts';

export default failure({
  id: 'cert-manager-cut-from-gateway',
  link: 'cluster',
  title: "No packet gets from cert-manager's namespace to that of the gateway or back",
  features: ['pod-network'],
  changesClusterWide: 'drops the packets between two namespaces for a while',
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: {
    begin(context) {
      const { certManager, gateway } = platformDeployments(context);
      return cutOff(context, { namespace: certManager.namespace }, { namespace: gateway.namespace });
    },
  },
});
