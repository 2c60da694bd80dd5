import { failure } from '../failure.ts';

export default failure({
  id: 'dns-slow',
  link: 'dns',
  title: 'Each answer of the authoritative name server takes 3 s',
  changesClusterWide: 'makes cluster DNS ask another name server',
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { nameServer: { kind: 'slow', delayMs: 3_000 } },
});
