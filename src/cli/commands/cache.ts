import { existsSync } from 'node:fs';
import { type CacheEntry, cacheContents, cacheFolder, pruneCache } from '../../components/index.ts';
import type { CommandContext } from './command-context.ts';

const words: Readonly<Record<CacheEntry['state'], string>> = {
  current: 'current',
  old: 'old',
  'in-use': 'old, in use',
  unfinished: 'unfinished',
  'build-cache': 'speeds up builds',
};

/** `padlock cache list`: what the cache contains, its size, and whether this checkout uses it */
export async function listCache({ json }: { readonly json: boolean }): Promise<number> {
  const cache = cacheFolder();
  const entries = existsSync(cache) ? await cacheContents(cache) : [];
  if (json) {
    process.stdout.write(`${JSON.stringify({ cache, entries }, null, 2)}\n`);
    return 0;
  }
  for (const { path, bytes, state } of entries) {
    process.stdout.write(`${megabytes(bytes).padStart(8)}  ${words[state].padEnd(16)}  ${path}\n`);
  }
  const sum = (of: (entry: CacheEntry) => boolean) =>
    megabytes(entries.filter(of).reduce((total, { bytes }) => total + bytes, 0));
  process.stderr.write(
    `${cache}: ${sum(() => true)}; 'padlock cache prune' frees ${sum(isUnused)}, with --build-caches another ${sum(({ state }) => state === 'build-cache')}.\n`,
  );
  return 0;
}

/** `padlock cache prune`: removes what this checkout does not use */
export async function prune(
  { buildCaches }: { readonly buildCaches: boolean },
  { signal }: CommandContext,
): Promise<number> {
  const cache = cacheFolder();
  const onWaiting = () => process.stderr.write('Waiting for another build in the same cache.\n');
  const removed = existsSync(cache) ? await pruneCache({ cache, buildCaches, signal, onWaiting }) : [];
  for (const { path, bytes } of removed) process.stdout.write(`${megabytes(bytes).padStart(8)}  ${path}\n`);
  const freed = removed.reduce((total, { bytes }) => total + bytes, 0);
  process.stderr.write(`Removed ${removed.length} entries (${megabytes(freed)}) of ${cache}.\n`);
  return 0;
}

function isUnused({ state }: CacheEntry): boolean {
  return state === 'old' || state === 'unfinished';
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
