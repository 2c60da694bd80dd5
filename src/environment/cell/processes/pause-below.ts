import { kill } from 'node:process';
import { processesBelow, readProcessStats } from '../../../process-stat.ts';

/** The kernel cuts the name of a process after so many characters (proc_pid_comm(5)). */
const longestName = 15;

/**
 * Pauses every process of a name below another one.
 *
 * @returns what lets them go on
 * @throws Error if there is none
 */
export async function pauseBelow(root: number | null, name: string): Promise<() => void> {
  const below = root === null ? [] : processesBelow(await readProcessStats(), root);
  const found = below.filter((one) => one.name === name.slice(0, longestName));
  if (found.length === 0) throw new Error(`there is no process ${name} below process ${root ?? 'of a keeper'}`);
  for (const { pid } of found) kill(pid, 'SIGSTOP');
  return () => {
    for (const { pid } of found) kill(pid, 'SIGCONT');
  };
}
