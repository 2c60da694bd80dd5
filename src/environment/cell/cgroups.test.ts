import { expect, test } from 'vitest';
import { cellCgroup, cgroupHierarchies, isUnified } from './cgroups.ts';

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
