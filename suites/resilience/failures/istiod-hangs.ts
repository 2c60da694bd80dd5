import { failure } from '../failure.ts';
import { paused } from '../paused.ts';

export default failure({
  id: 'istiod-hangs',
  link: 'mesh',
  title: 'istiod does nothing, and its connections stay open',
  features: ['node-processes'],
  changesClusterWide: 'pauses istiod for a while',
  lastsMs: 20_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { begin: (context) => paused(context, 'pilot-discovery') },
});
