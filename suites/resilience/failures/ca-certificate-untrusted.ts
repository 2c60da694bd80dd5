import { failure } from '../failure.ts';

export default failure({
  id: 'ca-certificate-untrusted',
  link: 'ca',
  title: "The certificate of the CA's directory is from an authority that the Issuer does not trust",
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { ca: { kind: 'certificate', is: 'untrusted' } },
});
