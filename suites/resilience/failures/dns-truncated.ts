import { failure } from '../failure.ts';

export default failure({
  id: 'dns-truncated',
  link: 'dns',
  title: 'The answers of the authoritative name server are truncated, and it takes no TCP',
  changesClusterWide: 'makes cluster DNS ask another name server',
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { nameServer: { kind: 'truncated' } },
});
