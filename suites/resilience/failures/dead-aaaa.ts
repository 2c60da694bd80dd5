import { failure } from '../failure.ts';

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
  how: {
    async begin(context) {
      const { host } = context.subject;
      const address = context.gatewayAddress;
      if (address === null) throw new Error('the gateway has no address yet');
      await context.parts.environment.setAddresses(host, [address, deadAddress]);
      return () => context.pointAt(host, address);
    },
  },
});
