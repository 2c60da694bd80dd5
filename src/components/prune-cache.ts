import { rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withBuildLock } from './build-lock.ts';
import { type CacheEntry, cacheContents } from './cache-contents.ts';

interface PruneRequest {
  readonly cache: string;
  /** Also Go's caches of compiled packages and downloaded modules, without which the next build is cold. */
  readonly buildCaches: boolean;
  readonly signal: AbortSignal;
  /** Called once, if another process builds into the cache. */
  onWaiting(): void;
}

/**
 * Removes what this checkout does not use, except for what processes run from. Waits for builds in the same cache.
 *
 * @returns what was removed
 */
export async function pruneCache(request: PruneRequest): Promise<readonly CacheEntry[]> {
  const { cache, buildCaches, signal, onWaiting } = request;
  return await withBuildLock(cache, signal, onWaiting, async () => {
    const removed: CacheEntry[] = [];
    for (const entry of await cacheContents(cache)) {
      const { state, path } = entry;
      if (state !== 'old' && state !== 'unfinished' && !(state === 'build-cache' && buildCaches)) continue;
      signal.throwIfAborted();
      await rm(join(cache, path), { recursive: true, force: true });
      // The folder of a component that is gone from the catalogue; any other one is not empty.
      if (path.startsWith('components/')) await rmdir(join(cache, dirname(path))).catch(() => {});
      removed.push(entry);
    }
    return removed;
  });
}
