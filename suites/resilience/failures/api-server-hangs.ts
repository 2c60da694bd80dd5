import { failure } from '../failure.ts';
import { paused } from '../paused.ts';

export default failure({
  id: 'api-server-hangs',
  link: 'cluster',
  title: 'The API server does not answer',
  features: ['node-processes'],
  changesClusterWide: 'pauses kube-apiserver for a while',
  lastsMs: 20_000,
  servedAllAlong: true,
  how: { begin: (context) => paused(context, 'kube-apiserver') },
});
