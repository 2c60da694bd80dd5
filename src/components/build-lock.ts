import { watch } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The start time of a process (proc(5), field 22), which tells it from a later one with the same pid; null when it has ended. */
async function startTimeOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

async function ownerLives(lock: string): Promise<boolean> {
  const [pid, startTime] = (await readFile(lock, 'utf8').catch(() => '')).split(' ');
  return pid !== undefined && startTime !== undefined && (await startTimeOf(Number(pid))) === startTime;
}

/**
 * Runs something while no other process on this machine builds into the same cache. Waits for one that does; the lock of
 * one that was killed is taken over.
 *
 * @param onWaiting called once when there is another
 */
export async function withBuildLock<Result>(
  folder: string,
  signal: AbortSignal,
  onWaiting: () => void,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const lock = join(folder, 'build.lock');
  const own = `${process.pid} ${await startTimeOf(process.pid)}`;
  let waited = false;
  for (;;) {
    signal.throwIfAborted();
    const taken = await writeFile(lock, own, { flag: 'wx' }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
    if (taken) break;
    if (!(await ownerLives(lock))) {
      // By renaming, only one of several that notice takes it away.
      await rename(lock, `${lock}.${process.pid}`).catch(() => {});
      await rm(`${lock}.${process.pid}`, { force: true });
      continue;
    }
    if (!waited) onWaiting();
    waited = true;
    await lockChanges(folder, signal);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Resolves when something in the folder changes; after a second at the latest, as an owner that is killed changes nothing. */
async function lockChanges(folder: string, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(1000)]);
  const watcher = watch(folder);
  await new Promise<void>((resolve) => {
    watcher.once('change', () => resolve());
    limit.addEventListener('abort', () => resolve(), { once: true });
  });
  watcher.close();
}
