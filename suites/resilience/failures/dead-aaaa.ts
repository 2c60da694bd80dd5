import { failure } from '../failure.ts';
import { movedHost } from '../moved-host.ts';

/** An address of the documentation range (RFC 3849): nothing answers for it. */
const deadAddress = '2001:db8::77';

export default failure({
  id: 'dead-aaaa',
  link: 'dns',
  title: 'The host has an IPv6 address, too, where nothing answers',
  changesClusterWide: null,
  lastsMs: 30_000,
  servedAllAlong: true,
  recovery: 'after-back-off',
  how: movedHost((context, host, address) => context.parts.environment.setAddresses(host, [address, deadAddress])),
});
