import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Clock ticks per second in /proc, on every architecture that Linux has today (sysconf(3), _SC_CLK_TCK). */
const ticksPerSecond = 100;
const pageBytes = 4_096;

/** One process, from /proc/PID/stat (proc_pid_stat(5)). */
export interface ProcessStat {
  readonly pid: number;
  readonly name: string;
  readonly parent: number;
  /** Its own, and that of its children that have ended and were waited for. */
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** Reads a line of /proc/PID/stat; null for anything else. The name may contain spaces and parentheses. */
export function parseProcessStat(text: string): ProcessStat | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open) return null;
  const fields = text.slice(close + 2).split(' ');
  // Numbered from 3 in the manual page.
  const field = (number: number) => Number(fields[number - 3]);
  const [pid, parent] = [Number(text.slice(0, open)), field(4)];
  if (!Number.isInteger(pid) || !Number.isInteger(parent)) return null;
  const ticks = field(14) + field(15) + field(16) + field(17);
  return {
    pid,
    name: text.slice(open + 1, close),
    parent,
    cpuSeconds: ticks / ticksPerSecond,
    memoryBytes: field(24) * pageBytes,
  };
}

/** Every process of this machine. */
export async function readProcessStats(proc = '/proc'): Promise<readonly ProcessStat[]> {
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    // A process may end between the two.
    pids.map((pid) => readFile(join(proc, pid, 'stat'), 'utf8').then(parseProcessStat, () => null)),
  );
  return stats.filter((stat) => stat !== null);
}

/** Everything below a process. */
export function processesBelow(processes: readonly ProcessStat[], root: number): readonly ProcessStat[] {
  const children = Map.groupBy(processes, ({ parent }) => parent);
  const below: ProcessStat[] = [];
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of children.get(pid) ?? []) {
      below.push(child);
      queue.push(child.pid);
    }
  }
  return below;
}
