import { failure } from '../failure.ts';

export default failure({
  id: 'ca-bad-nonces',
  link: 'ca',
  title: 'The CA refuses every request with badNonce',
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  // cert-manager gives an order up that the CA refuses with a status of 4xx.
  recovery: 'after-back-off',
  how: { ca: { kind: 'bad-nonce' } },
});
