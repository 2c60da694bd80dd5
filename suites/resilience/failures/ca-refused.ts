import { failure } from '../failure.ts';

export default failure({
  id: 'ca-refused',
  link: 'ca',
  title: 'The CA takes no connections',
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { ca: { kind: 'refused' } },
});
