import { cacheFolder, ensureGo } from '../src/components/index.ts';

// Prints the folder of the pinned Go toolchain, which is installed in the cache if it is not there: for scripts that build programs of their own.
const folder = await ensureGo({
  cache: cacheFolder(),
  signal: new AbortController().signal,
  onInstalling: (what) => process.stderr.write(`Installing ${what}\n`),
});
process.stdout.write(`${folder}\n`);
