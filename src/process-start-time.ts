import { readFile } from 'node:fs/promises';

/**
 * When a process started: the boot of this machine (random(4), boot_id) and the clock ticks after it (proc(5), field 22 of
 * /proc/pid/stat). It tells the process from a later one with the same pid, also from one after a reboot, where pids and ticks come
 * again. Null when it has ended.
 */
export async function processStartTime(pid: number): Promise<string | null> {
  const [stat, boot] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
  ]);
  if (stat === null) return null;
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [afterName[0], afterName[19]];
  // A zombie has ended: it only waits for its parent to take note.
  return state === 'Z' || ticks === undefined ? null : `${boot.trim()}/${ticks}`;
}
