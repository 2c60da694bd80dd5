import { existsSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * Waits until a file exists, by inotify(7) on its folder, which must exist.
 *
 * @param withinMs the time limit in milliseconds
 * @throws when the limit passes, or the signal aborts
 */
export async function fileAppears(file: string, withinMs: number, signal?: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([AbortSignal.timeout(withinMs), ...(signal ? [signal] : [])]);
  const watcher = watch(dirname(file));
  try {
    await new Promise<void>((resolve, reject) => {
      const look = () => existsSync(file) && resolve();
      watcher.on('change', look);
      watcher.on('error', reject);
      const end = () =>
        reject(signal?.aborted ? signal.reason : new Error(`${basename(file)} did not appear within ${withinMs} ms`));
      limit.addEventListener('abort', end);
      look();
      // A signal that has already aborted does not call new listeners.
      if (limit.aborted) end();
    });
  } finally {
    watcher.close();
  }
}
