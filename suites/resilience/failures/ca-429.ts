import { failure } from '../failure.ts';

export default failure({
  id: 'ca-429',
  link: 'ca',
  title: 'The CA refuses new orders with 429 rateLimited and says no time',
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  // cert-manager gives an order up that the CA refuses with a status of 4xx.
  recovery: 'after-back-off',
  how: { ca: { kind: 'status', status: 429, problem: 'rateLimited', below: '/order-plz' } },
});
