import { existsSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { ProcessCgroup } from './cgroups.ts';

/** A limit of v1 above this is none: the kernel shows the largest number of pages. */
const noLimitBytes = 2 ** 60;

/**
 * How often the kernel has killed processes of a cgroup because memory ran out: `oom_kill` of memory.events (v2, cgroup-v2.rst) or of
 * memory.oom_control (v1, memory.rst). 0 if the kernel does not count them.
 */
export function outOfMemoryKills({ version, folder }: ProcessCgroup): number {
  return countIn(join(folder, version === 2 ? 'memory.events' : 'memory.oom_control'), 'oom_kill');
}

/**
 * Why the kernel found no memory for a process that it killed: the limit that was reached, of its cgroup or one above, or else the
 * whole machine's memory. For a message, e.g. `the limit of the control group padlock-x/system/etcd is 100 MiB`.
 */
export function scarceMemory(cgroup: ProcessCgroup, machineBytes = totalmem()): string {
  const { root, version } = cgroup;
  for (let { folder } = cgroup; folder.startsWith(root); folder = dirname(folder)) {
    const limit = limitOf(folder, version);
    const wasReached =
      version === 2
        ? countIn(join(folder, localEvents(folder)), 'oom') > 0
        : numberIn(join(folder, 'memory.failcnt')) > 0;
    if (limit !== null && wasReached)
      return `the limit of the control group ${nameOf(root, folder)} is ${mebibytes(limit)}`;
  }
  return `the whole machine has ${mebibytes(machineBytes)}`;
}

/** The memory that processes below the root of the hierarchy may use: of this machine, or of the container that this is. In bytes. */
export function usableMemory(
  { root, version }: Pick<ProcessCgroup, 'root' | 'version'>,
  machineBytes = totalmem(),
): number {
  return Math.min(limitOf(root, version) ?? machineBytes, machineBytes);
}

function limitOf(folder: string, version: 1 | 2): number | null {
  const text = read(join(folder, version === 2 ? 'memory.max' : 'memory.limit_in_bytes')).trim();
  const limit = Number(text);
  return text === '' || !Number.isFinite(limit) || limit > noLimitBytes ? null : limit;
}

/** The events of the cgroup itself; those of `memory.events` include the groups below, and kernels before 5.2 have only these. */
function localEvents(folder: string): string {
  return existsSync(join(folder, 'memory.events.local')) ? 'memory.events.local' : 'memory.events';
}

function countIn(file: string, field: string): number {
  return Number(new RegExp(`^${field} (\\d+)$`, 'm').exec(read(file))?.[1] ?? 0);
}

function numberIn(file: string): number {
  return Number(read(file).trim()) || 0;
}

/** Synchronous: what ended first must be told first. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function nameOf(root: string, folder: string): string {
  return relative(root, folder) || '/';
}

function mebibytes(bytes: number): string {
  const mib = bytes / 2 ** 20;
  return mib < 1024 ? `${Math.round(mib)} MiB` : `${(mib / 1024).toFixed(1)} GiB`;
}
