import { failure } from '../failure.ts';

export default failure({
  id: 'ca-reset-in-body',
  link: 'ca',
  title: 'Each connection to the CA is reset in the middle of an answer',
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { ca: { kind: 'reset' } },
});
