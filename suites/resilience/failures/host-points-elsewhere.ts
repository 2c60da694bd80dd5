import { failure } from '../failure.ts';
import { movedHost } from '../moved-host.ts';

/** An address of the documentation range (RFC 5737): nothing answers for it. */
const strangersAddress = '192.0.2.77';

export default failure({
  id: 'host-points-elsewhere',
  link: 'dns',
  title: 'The DNS answers with an old address of the host, where nothing answers',
  changesClusterWide: null,
  lastsMs: 30_000,
  servedAllAlong: true,
  how: movedHost((context, host) => context.pointAt(host, strangersAddress)),
});
