import { UserError } from '../user-error.ts';
import { acme2certifier } from './acme2certifier/acme2certifier.ts';
import type { CaServer } from './ca-server.ts';
import { caServers } from './ca-servers.ts';
import { caddy } from './caddy/caddy.ts';

/** Every CA server that `padlock ca-server` starts: those of environments, and those that are only tested. */
export const testedCaServers: readonly CaServer[] = [...caServers, caddy, acme2certifier];

/** Finds one by its id. @throws UserError (2) with the known ones */
export function testedCaServerNamed(id: string): CaServer {
  const found = testedCaServers.find((server) => server.id === id);
  if (found !== undefined) return found;
  throw new UserError(`Unknown CA '${id}'. Known CAs: ${testedCaServers.map((server) => server.id).join(', ')}.`);
}
