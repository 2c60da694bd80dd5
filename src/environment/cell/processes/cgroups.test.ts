import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cellCgroup, cgroupHierarchies, isUnified, whyNoCellCgroup } from './cgroups.ts';

const otherMounts = `proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0
tmpfs /sys/fs/cgroup tmpfs ro,nosuid,nodev,noexec,mode=755 0 0
`;

test('reads one unified hierarchy', () => {
  const hierarchies = cgroupHierarchies(
    `${otherMounts}cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot 0 0\n`,
  );
  expect(hierarchies).toEqual([{ path: '/sys/fs/cgroup', version: 2, controllers: [] }]);
  expect(isUnified(hierarchies)).toBe(true);
});

test('reads a folder per controller, even if two controllers share one', () => {
  const hierarchies = cgroupHierarchies(`${otherMounts}cgroup /sys/fs/cgroup/cpuset cgroup rw,relatime,cpuset 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,nodev,noexec,relatime,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,nosuid,nodev,noexec,relatime,memory 0 0
`);
  expect(hierarchies).toEqual([
    { path: '/sys/fs/cgroup/cpuset', version: 1, controllers: ['cpuset'] },
    { path: '/sys/fs/cgroup/cpu,cpuacct', version: 1, controllers: ['cpu', 'cpuacct'] },
    { path: '/sys/fs/cgroup/memory', version: 1, controllers: ['memory'] },
  ]);
  expect(isUnified(hierarchies)).toBe(false);
});

test('takes a hybrid layout for v1, as its unified hierarchy manages no resource', () => {
  const hierarchies = cgroupHierarchies(`${otherMounts}cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,relatime,xattr,name=systemd 0 0
`);
  expect(hierarchies.map(({ path, version }) => [path, version])).toEqual([
    ['/sys/fs/cgroup/unified', 2],
    ['/sys/fs/cgroup/memory', 1],
    ['/sys/fs/cgroup/systemd', 1],
  ]);
  expect(isUnified(hierarchies)).toBe(false);
});

test('finds no hierarchy if none is mounted, and does not report it as unified', () => {
  expect(cgroupHierarchies(otherMounts)).toEqual([]);
  expect(isUnified([])).toBe(false);
});

test('gives the cgroup of a cell a name that no other program uses', () => {
  expect(cellCgroup('default')).toBe('padlock-default');
});

describe('whether a cell can have cgroups', () => {
  let path = '';
  const whyNot = () => whyNoCellCgroup([{ path, version: 2, controllers: [] }]);
  /** The files of a unified hierarchy's root, as the kernel shows them. */
  const has = (files: Readonly<Record<string, string>>) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  };

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'padlock-cgroups-'));
    has({
      'cgroup.controllers': 'cpuset cpu io memory pids\n',
      'cgroup.subtree_control': '\n',
      'cgroup.procs': '1\n2\n',
    });
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  test('at the root of the machine it can, although processes are there', async () => {
    expect(await whyNot()).toBeNull();
    expect(readdirSync(path).filter((name) => name.startsWith('padlock'))).toEqual([]);
  });

  test('where nothing can be made it cannot', async () => {
    rmSync(path, { recursive: true });
    expect(await whyNot()).toBe(`no cgroup can be made in ${path} (ENOENT)`);
  });

  test('where a controller is missing it cannot', async () => {
    has({ 'cgroup.controllers': 'cpu pids\n' });
    expect(await whyNot()).toBe(`${path} offers no controller memory`);
  });
});
