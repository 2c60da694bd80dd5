import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { findBrowserPrograms } from '../../browser-programs.ts';
import { findProgram } from '../../find-program.ts';
import { runToEnd } from '../../run-to-end.ts';
import type { Requirement } from '../provider.ts';
import { stateRoot } from '../state-root.ts';
import {
  type CgroupHierarchy,
  cgroupHierarchies,
  isUnified,
  memoryHierarchy,
  whyNoCellCgroup,
} from './processes/cgroups.ts';
import { usableMemory } from './processes/out-of-memory.ts';

/** The programs a cell starts, with the Debian package that brings each. */
export const requiredPrograms: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  nft: 'nftables',
  runc: 'runc',
  tini: 'tini',
  named: 'bind9',
  nsupdate: 'bind9-dnsutils',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  '/usr/lib/cni/host-local': 'containernetworking-plugins',
};

/** A component tree, the image store and one cell take about this much. */
const wantedDiskBytes = 6 * 2 ** 30;
const wantedMemoryBytes = 3 * 2 ** 30;

function requirement(id: string, met: boolean, good: string, bad: string): Requirement {
  return { id, optional: false, met, message: met ? good : bad };
}

async function attempt(
  id: string,
  good: string,
  bad: string,
  command: readonly [string, ...string[]],
): Promise<Requirement> {
  const [program, ...args] = command;
  return runToEnd(program, args).then(
    () => ({ id, optional: false, met: true, message: good }),
    (error: Error) => ({ id, optional: false, met: false, message: `${bad}: ${error.message}` }),
  );
}

/** Of this machine, or of the container that this is: the limit at the root of the hierarchy that accounts memory. */
function memoryHere(hierarchies: readonly CgroupHierarchy[]): number {
  const accounting = memoryHierarchy(hierarchies);
  return accounting === undefined ? totalmem() : usableMemory({ root: accounting.path, version: accounting.version });
}

async function browserRequirement(find: typeof findBrowserPrograms): Promise<Requirement> {
  const found = await find();
  return typeof found === 'string'
    ? { id: 'browser', optional: true, met: false, message: `the browser check will be skipped: ${found}` }
    : { id: 'browser', optional: true, met: true, message: `${found.browser}, with ${found.certutil}` };
}

async function diskRequirement(): Promise<Requirement> {
  // The state folder may not exist yet: ask the nearest one above that does.
  let folder = stateRoot();
  for (;;) {
    const stats = await statfs(folder).catch(() => null);
    if (stats) {
      const free = stats.bavail * stats.bsize;
      const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
      return requirement(
        'disk',
        free >= wantedDiskBytes,
        `${gib(free)} free at ${folder}`,
        `only ${gib(free)} free at ${folder}: a cell with its components takes ${gib(wantedDiskBytes)}; free some space, or set XDG_STATE_HOME and XDG_CACHE_HOME`,
      );
    }
    folder = join(folder, '..');
  }
}

/** Tries on this machine what a cell needs. Leaves nothing behind. */
export async function checkRequirements(
  programs = requiredPrograms,
  findBrowser = findBrowserPrograms,
): Promise<readonly Requirement[]> {
  const missing: string[] = [];
  for (const [program, debianPackage] of Object.entries(programs)) {
    if ((await findProgram(program)) === null) missing.push(`${program} (package ${debianPackage})`);
  }
  const isRoot = process.getuid?.() === 0;
  const hierarchies = cgroupHierarchies();
  const memoryController =
    isUnified(hierarchies) || hierarchies.some(({ controllers }) => controllers.includes('memory'));
  // Only root can try.
  const noCgroup = isRoot ? await whyNoCellCgroup(hierarchies) : null;
  const memory = memoryHere(hierarchies);
  const basics = [
    requirement('linux', process.platform === 'linux', 'Linux', `a cell needs Linux; this is ${process.platform}`),
    requirement('root', isRoot, 'running as root', 'a cell creates namespaces and cgroups: run as root'),
    requirement(
      'programs',
      missing.length === 0,
      'all programs are installed',
      `missing: ${missing.join(', ')}; './padlock up' installs them on Debian and Ubuntu`,
    ),
    requirement(
      'cgroups',
      memoryController && noCgroup === null,
      isUnified(hierarchies) ? 'cgroup v2' : 'cgroup v1',
      noCgroup === null
        ? 'no cgroup hierarchy with a memory controller is mounted below /sys/fs/cgroup: mount one, or give the container access to it'
        : `${noCgroup}: run outside of the container or service that forbids it, or let it write there (a privileged container in the cgroup namespace of the machine; a service without ProtectControlGroups)`,
    ),
    requirement(
      'memory',
      memory >= wantedMemoryBytes,
      `${(memory / 2 ** 30).toFixed(1)} GiB`,
      `only ${(memory / 2 ** 30).toFixed(1)} GiB of memory${memory < totalmem() ? ', the limit of the control group that this runs in' : ''}: a cell with Istio and cert-manager needs ${wantedMemoryBytes / 2 ** 30} GiB; use a larger machine${memory < totalmem() ? ' or limit' : ''}`,
    ),
    await diskRequirement(),
    await browserRequirement(findBrowser),
  ];
  if (!isRoot || missing.length > 0) return basics;
  const namespaces = [
    'unshare',
    '--net',
    '--mount',
    '--pid',
    '--ipc',
    '--uts',
    '--fork',
    '--mount-proc',
    '--propagation',
    'private',
    '--',
  ] as const;
  return [
    ...basics,
    await attempt(
      'namespaces',
      'network, mount and pid namespaces work',
      'namespaces cannot be made here (a container without CAP_SYS_ADMIN, or user.max_*_namespaces is 0)',
      [...namespaces, 'true'],
    ),
    await attempt('links', 'veth links work', 'the kernel has no veth links (module veth)', [
      ...namespaces,
      ...['ip', 'link', 'add', 'padlock0', 'type', 'veth', 'peer', 'name', 'padlock1'],
    ]),
    await attempt('bridge', 'bridges work', 'the kernel has no bridges (module bridge)', [
      ...namespaces,
      ...['ip', 'link', 'add', 'padlock0', 'type', 'bridge'],
    ]),
    await attempt('nftables', 'nftables works', 'the kernel has no nftables (module nf_tables)', [
      ...namespaces,
      ...['nft', 'add', 'table', 'ip', 'padlock'],
    ]),
    await attempt(
      'overlay',
      'overlayfs works',
      'the kernel has no overlayfs (module overlay), or not on this file system',
      [
        ...namespaces,
        'sh',
        '-euc',
        'mount -t tmpfs tmpfs /run && mkdir /run/l /run/u /run/w /run/m && mount -t overlay -o lowerdir=/run/l,upperdir=/run/u,workdir=/run/w overlay /run/m',
      ],
    ),
  ];
}
