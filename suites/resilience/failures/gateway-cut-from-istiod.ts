import { platformDeployments } from '../../../src/suite/actions/components-of-cluster.ts';
import { cutOff } from '../cut-off.ts';
import { failure } from '../failure.ts';

export default failure({
  id: 'gateway-cut-from-istiod',
  link: 'mesh',
  title: 'No packet gets from the gateway to istiod (xDS) or back',
  features: ['pod-network'],
  changesClusterWide: 'drops the packets between the ingress gateway and istiod for a while',
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: {
    begin(context) {
      const { gateway, istiod } = platformDeployments(context);
      return cutOff(context, gateway, istiod);
    },
  },
});
