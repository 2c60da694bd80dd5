import { randomUUID } from 'node:crypto';
import { existsSync, watch } from 'node:fs';
import { link, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createWhole } from '../create-whole.ts';
import { processStartTime } from '../process-start-time.ts';

async function lives(owner: string): Promise<boolean> {
  const [pid, startTime] = owner.split(' ');
  return pid !== undefined && startTime !== undefined && (await processStartTime(Number(pid))) === startTime;
}

/** Removes the lock of an owner that no longer runs. The rename ensures that only one of several waiting processes does it. */
async function takeAway(lock: string, owner: string): Promise<void> {
  const away = `${lock}.${randomUUID()}`;
  await rename(lock, away).catch(() => {});
  // Another process may have taken the lock in the meantime; give it back.
  const taken = await readFile(away, 'utf8').catch(() => owner);
  if (taken !== owner) await link(away, lock).catch(() => {});
  await rm(away, { force: true });
}

/**
 * Runs a function while no other process on this machine builds into the same cache. Waits for another builder, and takes over the lock
 * of one that was killed.
 *
 * @param onWaiting called once, if another process holds the lock
 */
export async function withBuildLock<Result>(
  folder: string,
  signal: AbortSignal,
  onWaiting: () => void,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const lock = join(folder, 'build.lock');
  const own = `${process.pid} ${await processStartTime(process.pid)}`;
  let waited = false;
  for (;;) {
    signal.throwIfAborted();
    if (await createWhole(lock, own)) break;
    const owner = await readFile(lock, 'utf8').catch(() => null);
    if (owner === null) continue;
    if (!(await lives(owner))) {
      await takeAway(lock, owner);
      continue;
    }
    if (!waited) onWaiting();
    waited = true;
    await lockChanges(lock, signal);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/** Resolves when the lock changes, or after a second, because an owner that is killed changes nothing. */
async function lockChanges(lock: string, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(1000)]);
  const watcher = watch(dirname(lock));
  await new Promise<void>((resolve) => {
    // Other waiting processes touch their own files in the folder.
    watcher.on('change', (_event, file) => file === basename(lock) && resolve());
    limit.addEventListener('abort', () => resolve(), { once: true });
    // An abort or a removed lock from before now causes no further event.
    if (limit.aborted || !existsSync(lock)) resolve();
  });
  watcher.close();
}
