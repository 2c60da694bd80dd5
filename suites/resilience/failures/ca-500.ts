import { failure } from '../failure.ts';

export default failure({
  id: 'ca-500',
  link: 'ca',
  title: 'The CA answers every request with 500 serverInternal',
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { ca: { kind: 'status', status: 500, problem: 'serverInternal' } },
});
