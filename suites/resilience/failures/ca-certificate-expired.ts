import { failure } from '../failure.ts';

export default failure({
  id: 'ca-certificate-expired',
  link: 'ca',
  title: "The certificate of the CA's directory has expired",
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { ca: { kind: 'certificate', is: 'expired' } },
});
