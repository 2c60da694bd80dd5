import { failure } from '../failure.ts';

/** An address of the documentation range (RFC 5737): nothing answers for it. */
const oldAddress = '192.0.2.77';

export default failure({
  id: 'dns-stale',
  link: 'dns',
  title: 'The authoritative name server answers with an old address of the host, where nothing answers',
  changesClusterWide: 'makes cluster DNS ask another name server',
  lastsMs: 30_000,
  beginsBefore: true,
  servedAllAlong: true,
  how: { nameServer: { kind: 'stale', address: oldAddress } },
});
