import type { ScenarioContext } from '../../src/suite/context/context.ts';
import type { HowItFails } from './failure.ts';

/**
 * The host's addresses change, and its end points it at the gateway again.
 *
 * @param move is given the gateway's address
 */
export function movedHost(
  move: (context: ScenarioContext, host: string, address: string) => Promise<void>,
): HowItFails {
  return {
    async begin(context) {
      const { host } = context.subject;
      const address = context.gatewayAddress;
      if (address === null) throw new Error('the gateway has no address yet');
      await move(context, host, address);
      return () => context.pointAt(host, address);
    },
  };
}
