import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder with the state of all environments of this user: $XDG_STATE_HOME/padlock (XDG Base Directory Specification). */
export function stateRoot(): string {
  const base = process.env.XDG_STATE_HOME;
  return join(base?.startsWith('/') ? base : join(homedir(), '.local', 'state'), 'padlock');
}
