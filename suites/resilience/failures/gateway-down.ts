import { failure } from '../failure.ts';
import { scaleDown } from '../scaled-down.ts';

export default failure({
  id: 'gateway-down',
  link: 'mesh',
  title: 'The only gateway does not run',
  changesClusterWide: 'scales the ingress gateway to 0 for a while',
  lastsMs: 30_000,
  servedAllAlong: false,
  how: { begin: (context) => scaleDown(context, { namespace: 'istio-system', name: 'istio-ingressgateway' }) },
});
