import { failure } from '../failure.ts';

export default failure({
  id: 'host-nxdomain',
  link: 'dns',
  title: 'The host name does not exist in the DNS (NXDOMAIN)',
  changesClusterWide: null,
  lastsMs: 30_000,
  // Those who know the address go on.
  servedAllAlong: true,
  how: {
    async begin(context) {
      const { host } = context.subject;
      const address = context.gatewayAddress;
      if (address === null) throw new Error('the gateway has no address yet');
      await context.parts.environment.setAddresses(host, []);
      return () => context.pointAt(host, address);
    },
  },
});
