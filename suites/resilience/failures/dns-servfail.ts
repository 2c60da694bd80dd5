import { failure } from '../failure.ts';

export default failure({
  id: 'dns-servfail',
  link: 'dns',
  title: 'The authoritative name server answers SERVFAIL',
  changesClusterWide: 'makes cluster DNS ask another name server',
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { nameServer: { kind: 'code', code: 'SERVFAIL' } },
});
