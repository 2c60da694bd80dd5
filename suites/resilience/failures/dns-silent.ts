import { failure } from '../failure.ts';

export default failure({
  id: 'dns-silent',
  link: 'dns',
  title: 'The authoritative name server does not answer',
  changesClusterWide: 'makes cluster DNS ask another name server',
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { nameServer: { kind: 'silent' } },
});
