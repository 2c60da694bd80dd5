import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { cacheFolder } from '../../src/components/index.ts';

/** What a run in it takes: two cells, and the files of the system that the kernel keeps in memory. */
const wantedMemoryBytes = 6 * 2 ** 30;
/** The kernel, a root image, the disk of a machine and what is made of them meanwhile. */
const wantedDiskBytes = 12 * 2 ** 30;
/** Where the machine's memory is: a file system in memory. */
export const memoryFolder = '/dev/shm';

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${program}`]).status === 0;
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function availableMemoryBytes(): number {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kib ?? 0) * 1024;
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** The memory for the machine, in MiB: at most 10 GiB, and not all that this one has. */
export function memoryMib(): number {
  const free = Math.min(availableMemoryBytes() * 0.75, freeBytes(memoryFolder) * 0.95, 10 * 2 ** 30);
  return Math.floor(free / 2 ** 20);
}

/** Why a User-mode Linux cannot run on this machine; null where it can. */
export function whyNoUml(): string | null {
  if (process.platform !== 'linux') return `User-mode Linux needs Linux; this is ${process.platform}`;
  if (process.arch !== 'x64') return `User-mode Linux runs on x86-64 only; this is ${process.arch}`;
  if (process.getuid?.() !== 0) return 'debootstrap and vm.max_map_count need root';
  if (!has('apt-get')) return 'there is no apt-get, from which the kernel and Debian come';
  if (!existsSync(memoryFolder)) return `there is no ${memoryFolder} for the memory of the machine`;
  const memory = memoryMib() * 2 ** 20;
  if (memory < wantedMemoryBytes)
    return `the machine needs ${gib(wantedMemoryBytes)} of memory; ${gib(memory)} can be given to it (three quarters of what is free, and what fits into ${memoryFolder})`;
  const disk = freeBytes(`${cacheFolder()}/..`);
  if (disk < wantedDiskBytes) return `the machine needs ${gib(wantedDiskBytes)} of disk; ${gib(disk)} are free`;
  return null;
}
