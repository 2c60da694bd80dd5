import { failure } from '../failure.ts';
import { scaleDown } from '../scaled-down.ts';

export default failure({
  id: 'cluster-dns-down',
  link: 'dns',
  title: "The cluster's DNS does not run",
  changesClusterWide: "scales the cluster's DNS to 0 for a while",
  lastsMs: 30_000,
  servedAllAlong: true,
  how: { begin: (context) => scaleDown(context, { namespace: 'kube-system', name: 'coredns' }) },
});
