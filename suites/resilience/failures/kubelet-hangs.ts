import { failure } from '../failure.ts';
import { paused } from '../paused.ts';

export default failure({
  id: 'kubelet-hangs',
  link: 'cluster',
  title: 'The kubelet does nothing',
  features: ['node-processes'],
  changesClusterWide: 'pauses kubelet for a while',
  lastsMs: 20_000,
  servedAllAlong: true,
  how: { begin: (context) => paused(context, 'kubelet') },
});
