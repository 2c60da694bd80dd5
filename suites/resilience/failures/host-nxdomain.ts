import { failure } from '../failure.ts';
import { movedHost } from '../moved-host.ts';

export default failure({
  id: 'host-nxdomain',
  link: 'dns',
  title: 'The host name does not exist in the DNS (NXDOMAIN)',
  changesClusterWide: null,
  lastsMs: 30_000,
  // Those who know the address go on.
  servedAllAlong: true,
  how: movedHost((context, host) => context.parts.environment.setAddresses(host, [])),
});
