import { failure } from '../failure.ts';
import { paused } from '../paused.ts';

export default failure({
  id: 'controller-manager-hangs',
  link: 'cluster',
  title: 'The controller manager of Kubernetes does nothing',
  features: ['node-processes'],
  changesClusterWide: 'pauses kube-controller-manager for a while',
  lastsMs: 20_000,
  servedAllAlong: true,
  how: { begin: (context) => paused(context, 'kube-controller-manager') },
});
