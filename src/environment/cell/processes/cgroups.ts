import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The control groups of a cell: `padlock-<name>` in every hierarchy, with `system` (the control plane and the keeper)
 * and `pods` (what the kubelet manages) below it. Where memory is accounted, `system` has a group for each process, so that the
 * kernel's count of those it killed because memory ran out names one.
 *
 * Both layouts are served: one unified hierarchy (cgroup v2), and a folder per controller (v1, hybrid included).
 */
export interface CgroupHierarchy {
  readonly path: string;
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

/** The cgroup of one process, in the hierarchy that accounts memory. */
export interface ProcessCgroup {
  /** Where the hierarchy is mounted. */
  readonly root: string;
  readonly version: 1 | 2;
  readonly folder: string;
}

const cellPrefix = 'padlock-';

/** The mounted hierarchies, from /proc/self/mounts (proc_pid_mounts(5)). */
export function cgroupHierarchies(mounts = readFileSync('/proc/self/mounts', 'utf8')): readonly CgroupHierarchy[] {
  return mounts.split('\n').flatMap((line): CgroupHierarchy[] => {
    const [, path, type, options = ''] = line.split(' ');
    if (!path || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    const controllers =
      type === 'cgroup'
        ? options.split(',').filter((o) => !['rw', 'relatime', 'nosuid', 'nodev', 'noexec'].includes(o))
        : [];
    return [{ path, version: type === 'cgroup2' ? 2 : 1, controllers }];
  });
}

/** True if one unified hierarchy manages all resources. */
export function isUnified(hierarchies: readonly CgroupHierarchy[]): boolean {
  return hierarchies.length > 0 && hierarchies.every((h) => h.version === 2);
}

/** The cgroup of a cell below each hierarchy's root. */
export function cellCgroup(cell: string): string {
  return `${cellPrefix}${cell}`;
}

async function inheritCpuset(path: string, parent: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const value = (await readFile(join(parent, file), 'utf8')).trim();
    await writeFile(join(path, file), value);
  }
}

/**
 * The group for the processes of a container that hands controllers down: a cgroup other than the machine's root cannot do so while
 * it has processes (cgroups(7), "no internal processes"). It is there as long as a cell is.
 */
const othersGroup = 'padlock.others';

/**
 * Hands controllers down from the root of a unified hierarchy, as the kubelet wants cpuset and pids below its own group
 * and systemd enables only what its units use. One that the kernel will not hand down is left out.
 */
async function enableAtRoot(root: string): Promise<void> {
  const enable = async () => {
    for (const controller of await words(join(root, 'cgroup.controllers')))
      await writeFile(join(root, 'cgroup.subtree_control'), `+${controller}`).catch(() => {});
    const handedDown = await words(join(root, 'cgroup.subtree_control'));
    return neededControllers.every((controller) => handedDown.includes(controller));
  };
  // The root of the machine has no type, and may have processes.
  if ((await enable()) || !existsSync(join(root, 'cgroup.type'))) return;
  await mkdir(join(root, othersGroup), { recursive: true });
  await moveProcesses(root, join(root, othersGroup));
  await enable();
}

/** Moves all processes of a cgroup to another one. Those that end meanwhile, and threads of the kernel, stay out of it. */
async function moveProcesses(from: string, to: string): Promise<void> {
  for (const pid of await words(join(from, 'cgroup.procs')))
    await writeFile(join(to, 'cgroup.procs'), pid).catch(() => {});
}

/** Undoes what {@link enableAtRoot} did to the cgroup of a container, once its last cell has gone. */
async function giveBackRoot(root: string): Promise<void> {
  const others = join(root, othersGroup);
  if (!existsSync(others) || (await readdir(root)).some((entry) => entry.startsWith(cellPrefix))) return;
  for (const controller of await words(join(root, 'cgroup.subtree_control')))
    await writeFile(join(root, 'cgroup.subtree_control'), `-${controller}`).catch(() => {});
  await moveProcesses(others, root);
  // It stays where a cell was started in this moment.
  await rmdir(others).catch(() => {});
}

/** Controllers without which the kubelet does not start on a unified hierarchy. */
const neededControllers = ['cpu', 'memory', 'pids'] as const;

function words(file: string): Promise<readonly string[]> {
  return readFile(file, 'utf8').then((text) => text.trim().split(/\s+/).filter(Boolean));
}

/**
 * Why a cell cannot have cgroups here; null where it can. A cgroup is made in each hierarchy and removed again.
 *
 * @returns what is wrong, and where
 */
export async function whyNoCellCgroup(hierarchies = cgroupHierarchies()): Promise<string | null> {
  for (const { path } of hierarchies) {
    try {
      // No cell has such a name, so no other command takes it for one. It is new each time: a process may start two cells at once.
      await rmdir(await mkdtemp(join(path, 'padlock.check-')));
    } catch (error) {
      return `no cgroup can be made in ${path} (${(error as NodeJS.ErrnoException).code})`;
    }
  }
  if (!isUnified(hierarchies)) return null;
  for (const { path } of hierarchies) {
    const offered = await words(join(path, 'cgroup.controllers'));
    const lacking = neededControllers.filter((controller) => !offered.includes(controller));
    if (lacking.length > 0) return `${path} offers no controller ${lacking.join(', ')}`;
  }
  return null;
}

/** Hands every controller down from a cgroup of a unified hierarchy. */
async function enableBelow(folder: string): Promise<void> {
  const offered = (await readFile(join(folder, 'cgroup.controllers'), 'utf8')).trim();
  const enable = offered
    .split(' ')
    .filter(Boolean)
    .map((c) => `+${c}`)
    .join(' ');
  if (enable) await writeFile(join(folder, 'cgroup.subtree_control'), enable);
}

/** Makes the cgroups of a cell and moves its keeper into its `system` group; the keeper's children follow. */
export async function enterCellCgroup(cell: string, pid: number): Promise<void> {
  const hierarchies = cgroupHierarchies();
  const accounting = memoryHierarchy(hierarchies);
  for (const hierarchy of hierarchies) {
    const { path, version, controllers } = hierarchy;
    const top = join(path, cellCgroup(cell));
    const system = join(top, 'system');
    // First, so that a cell that is removed meanwhile leaves the root as it is.
    await mkdir(top, { recursive: true });
    if (version === 2 && isUnified(hierarchies)) await enableAtRoot(path);
    for (const folder of [top, system, join(top, 'pods')]) {
      await mkdir(folder, { recursive: true });
      if (controllers.includes('cpuset')) await inheritCpuset(folder, join(folder, '..'));
      // A group with processes of its own cannot hand controllers down (cgroups(7), "no internal processes").
      if (version === 2 && (folder !== system || hierarchy === accounting)) await enableBelow(folder);
    }
    const own = hierarchy === accounting ? join(system, 'keeper') : system;
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'cgroup.procs'), String(pid));
  }
}

/** The hierarchy that accounts memory; undefined where none does. */
export function memoryHierarchy(hierarchies: readonly CgroupHierarchy[]): CgroupHierarchy | undefined {
  return hierarchies.find(({ version, controllers }) =>
    version === 1 ? controllers.includes('memory') : isUnified(hierarchies),
  );
}

/** The cgroup of one process of a cell's control plane; null where memory is not accounted. */
export function processCgroup(cell: string, process: string): ProcessCgroup | null {
  const hierarchy = memoryHierarchy(cgroupHierarchies());
  if (hierarchy === undefined) return null;
  const { path: root, version } = hierarchy;
  return { root, version, folder: join(root, cellCgroup(cell), 'system', process) };
}

/** Moves a process out of its cell's cgroups, so that these can be removed. */
export async function leaveCellCgroup(pid: number): Promise<void> {
  for (const { path } of cgroupHierarchies()) {
    const others = join(path, othersGroup);
    await writeFile(join(existsSync(others) ? others : path, 'cgroup.procs'), String(pid));
  }
}

/** The cells that have a cgroup in any hierarchy. */
export async function cellsWithCgroups(): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const { path } of cgroupHierarchies()) {
    for (const entry of await readdir(path)) {
      if (entry.startsWith(cellPrefix)) names.add(entry.slice(cellPrefix.length));
    }
  }
  return names;
}

/** A cgroup and those below it, the deepest first. Others may remove them meanwhile: containerd a Pod's, the keeper its own. */
async function subtree(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return null;
  });
  if (entries === null) return [];
  const below = await Promise.all(entries.filter((e) => e.isDirectory()).map((e) => subtree(join(folder, e.name))));
  return [...below.flat(), folder];
}

/** The processes of a cell in any of its cgroups: also those that escaped its namespaces. */
export async function processesInCellCgroup(cell: string): Promise<readonly number[]> {
  const pids = new Set<number>();
  for (const { path } of cgroupHierarchies()) {
    const top = join(path, cellCgroup(cell));
    if (!existsSync(top)) continue;
    for (const folder of await subtree(top)) {
      const procs = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const pid of procs.split('\n').filter(Boolean)) pids.add(Number(pid));
    }
  }
  return [...pids];
}

/** The peak memory of a cell, in bytes; null if the kernel does not report it. */
export async function peakMemoryBytes(cell: string): Promise<number | null> {
  for (const { path, version, controllers } of cgroupHierarchies()) {
    const file = version === 2 ? 'memory.peak' : controllers.includes('memory') ? 'memory.max_usage_in_bytes' : null;
    if (!file) continue;
    const text = await readFile(join(path, cellCgroup(cell), file), 'utf8').catch(() => null);
    if (text !== null) return Number(text.trim());
  }
  return null;
}

/**
 * Removes the cgroups of a cell whose processes have ended.
 * @throws when a process is still in one of them (EBUSY).
 */
export async function removeCellCgroup(cell: string): Promise<void> {
  for (const { path } of cgroupHierarchies()) {
    const top = join(path, cellCgroup(cell));
    if (!existsSync(top)) continue;
    for (const folder of await subtree(top)) {
      await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
    await giveBackRoot(path);
  }
}
