import type { CaServer } from '../../ca-servers/ca-server.ts';
import { caServers } from '../../ca-servers/ca-servers.ts';

/** Which components a run with a CA server needs besides the usual ones, and which of those it does not, by id. */
export interface ComponentChoice {
  readonly besides: readonly string[];
  readonly without: readonly string[];
}

/** The choice for a run with one CA server: its component, and none of another CA server. */
export function caComponents({ component }: CaServer): ComponentChoice {
  const others = caServers.map((server) => server.component).filter((id) => id !== component);
  return { besides: [component], without: others };
}
