import { UserError } from '../user-error.ts';
import type { CaServer } from './ca-server.ts';
import { pebble } from './pebble/pebble.ts';
import { stepCa } from './step-ca/step-ca.ts';

/** Every CA server that Padlock can start. */
export const caServers: readonly CaServer[] = [pebble, stepCa];

/** The one of an environment for which none was chosen. */
export const defaultCaServer = pebble;

/** Finds a CA server by its id. @throws UserError (2) with the known ones */
export function caServerNamed(id: string): CaServer {
  const found = caServers.find((server) => server.id === id);
  if (found !== undefined) return found;
  throw new UserError(`Unknown CA '${id}'. Known CAs: ${caServers.map((server) => server.id).join(', ')}.`);
}
