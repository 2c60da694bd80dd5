import { readFileSync } from 'node:fs';
import { processCgroup } from '../src/environment/cell/processes/cgroups.ts';

/** The pid of a process of a cell's control plane: in its cgroup it is the last one started, after the nsenter(1) that started it. */
export function pidOf(cell: string, process: string): number {
  const cgroup = processCgroup(cell, process);
  if (cgroup === null) throw new Error('no hierarchy of control groups accounts memory');
  const pids = readFileSync(`${cgroup.folder}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number);
  const pid = pids.find((one) => !readFileSync(`/proc/${one}/comm`, 'utf8').startsWith('nsenter'));
  if (pid === undefined) throw new Error(`the cell '${cell}' has no process ${process}`);
  return pid;
}
