import { failure } from '../failure.ts';

/** An address of the documentation range (RFC 5737): nothing answers for it. */
const strangersAddress = '192.0.2.77';

export default failure({
  id: 'host-points-elsewhere',
  link: 'dns',
  title: 'The DNS answers with an old address of the host, where nothing answers',
  changesClusterWide: null,
  lastsMs: 30_000,
  servedAllAlong: true,
  how: {
    async begin(context) {
      const { host } = context.subject;
      const address = context.gatewayAddress;
      if (address === null) throw new Error('the gateway has no address yet');
      await context.pointAt(host, strangersAddress);
      return () => context.pointAt(host, address);
    },
  },
});
