import type { CaServer } from '../../ca-servers/ca-server.ts';
import { caServers } from '../../ca-servers/ca-servers.ts';
import type { ComponentChoice } from '../provider.ts';

/** The choice for a run with one CA server: its component, and none of another CA server. */
export function caComponents({ component }: CaServer): ComponentChoice {
  const others = caServers.map((server) => server.component).filter((id) => id !== component);
  return { besides: [component], without: others };
}
