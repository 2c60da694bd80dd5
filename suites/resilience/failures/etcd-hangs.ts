import { failure } from '../failure.ts';
import { paused } from '../paused.ts';

export default failure({
  id: 'etcd-hangs',
  link: 'cluster',
  title: 'etcd does not answer',
  features: ['node-processes'],
  changesClusterWide: 'pauses etcd for a while',
  lastsMs: 20_000,
  servedAllAlong: true,
  how: { begin: (context) => paused(context, 'etcd') },
});
