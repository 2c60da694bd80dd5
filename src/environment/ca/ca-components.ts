import type { CaServer } from '../../ca-servers/ca-server.ts';
import { caServers } from '../../ca-servers/ca-servers.ts';
import type { ComponentChoice } from '../provider.ts';

/** The component choice for a run with one CA server: it includes that server's component and excludes those of other CA servers. */
export function caComponents({ component }: CaServer): ComponentChoice {
  const others = caServers.map((server) => server.component).filter((id) => id !== component);
  return { besides: [component], without: others };
}
