import { failure } from '../failure.ts';

export default failure({
  id: 'ca-503-page',
  link: 'ca',
  title: 'A load balancer answers every request to the CA with a page and 503',
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { ca: { kind: 'status', status: 503 } },
});
