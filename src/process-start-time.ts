import { readFile } from 'node:fs/promises';

/**
 * When a process started, in clock ticks after boot (proc(5), field 22 of /proc/pid/stat), which tells it from a later one
 * with the same pid; null when it has ended.
 */
export async function processStartTime(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (stat === null) return null;
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended: it only waits for its parent to take note.
  return afterName[0] === 'Z' ? null : (afterName[19] ?? null);
}
