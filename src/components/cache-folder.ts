import { homedir } from 'node:os';
import { join } from 'node:path';

/** The cache of everything that can be rebuilt: $PADLOCK_CACHE, or padlock below $XDG_CACHE_HOME (XDG Base Directory Specification). */
export function cacheFolder(): string {
  const { PADLOCK_CACHE, XDG_CACHE_HOME } = process.env;
  if (PADLOCK_CACHE?.startsWith('/')) return PADLOCK_CACHE;
  return join(XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'padlock');
}
