import { failure } from '../failure.ts';

export default failure({
  id: 'ca-certificate-not-yet-valid',
  link: 'ca',
  title: 'The clock of the CA is an hour ahead, so that the certificate of its directory is not valid yet',
  changesClusterWide: null,
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { ca: { kind: 'certificate', is: 'not-yet-valid' } },
});
