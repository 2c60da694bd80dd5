import { failure } from '../failure.ts';
import { paused } from '../paused.ts';

export default failure({
  id: 'scheduler-hangs',
  link: 'cluster',
  title: 'The scheduler of Kubernetes does nothing',
  features: ['node-processes'],
  changesClusterWide: 'pauses kube-scheduler for a while',
  lastsMs: 20_000,
  servedAllAlong: true,
  how: { begin: (context) => paused(context, 'kube-scheduler') },
});
