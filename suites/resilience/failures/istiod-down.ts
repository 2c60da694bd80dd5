import { failure } from '../failure.ts';
import { scaleDown } from '../scaled-down.ts';

export default failure({
  id: 'istiod-down',
  link: 'mesh',
  title: 'istiod does not run',
  changesClusterWide: 'scales istiod to 0 for a while',
  lastsMs: 30_000,
  servedAllAlong: true,
  how: { begin: (context) => scaleDown(context, { namespace: 'istio-system', name: 'istiod' }) },
});
