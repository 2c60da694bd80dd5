import { failure } from '../failure.ts';

export default failure({
  id: 'ca-slow',
  link: 'ca',
  title: 'Each answer of the CA takes 5 s',
  changesClusterWide: null,
  lastsMs: 15_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { ca: { kind: 'slow', delayMs: 5_000 } },
});
