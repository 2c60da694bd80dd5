import { failure } from '../failure.ts';

export default failure({
  id: 'ca-silent',
  link: 'ca',
  title: 'The CA takes connections and answers nothing',
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { ca: { kind: 'silent' } },
});
