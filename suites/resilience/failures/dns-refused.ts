import { failure } from '../failure.ts';

export default failure({
  id: 'dns-refused',
  link: 'dns',
  title: 'The authoritative name server answers REFUSED',
  changesClusterWide: 'makes cluster DNS ask another name server',
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { nameServer: { kind: 'code', code: 'REFUSED' } },
});
