import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outOfMemoryKills, scarceMemory, usableMemory } from './out-of-memory.ts';

const gib = 2 ** 30;
let root: string;
const group = 'padlock-x/system/etcd';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'padlock-cgroup-'));
  mkdirSync(join(root, group), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function put(file: string, text: string): void {
  writeFileSync(join(root, file), `${text}\n`);
}

describe('cgroup v2', () => {
  const cgroup = () => ({ root, version: 2, folder: join(root, group) }) as const;

  test('counts the kills in the events of the group', () => {
    expect(outOfMemoryKills(cgroup())).toBe(0);
    put(`${group}/memory.events`, 'low 0\nhigh 0\nmax 21\noom 1\noom_kill 1\noom_group_kill 0');
    expect(outOfMemoryKills(cgroup())).toBe(1);
  });

  test('names the group whose limit was reached, not one below or above it', () => {
    put(`${group}/memory.max`, 'max');
    put(`${group}/memory.events.local`, 'oom 0\noom_kill 1');
    put('padlock-x/memory.max', String(gib));
    put('padlock-x/memory.events', 'oom 1\noom_kill 1');
    put('padlock-x/memory.events.local', 'oom 1\noom_kill 0');
    put('memory.max', String(2 * gib));
    put('memory.events.local', 'oom 0');
    expect(scarceMemory(cgroup(), 8 * gib)).toBe('the limit of the control group padlock-x is 1.0 GiB');
  });

  test('where no limit was reached, the machine has no more', () => {
    put(`${group}/memory.max`, 'max');
    put('padlock-x/memory.max', String(gib));
    put('padlock-x/memory.events.local', 'oom 0');
    expect(scarceMemory(cgroup(), 2 * gib)).toBe('the whole machine has 2.0 GiB');
  });
});

describe('cgroup v1', () => {
  const cgroup = () => ({ root, version: 1, folder: join(root, group) }) as const;
  const unlimited = '9223372036854771712';

  test('counts the kills beside the control of the killer', () => {
    put(`${group}/memory.oom_control`, 'oom_kill_disable 0\nunder_oom 0\noom_kill 2');
    expect(outOfMemoryKills(cgroup())).toBe(2);
  });

  test('names the group whose limit was reached', () => {
    put(`${group}/memory.limit_in_bytes`, String(300 * 2 ** 20));
    put(`${group}/memory.failcnt`, '12');
    expect(scarceMemory(cgroup())).toBe('the limit of the control group padlock-x/system/etcd is 300 MiB');
  });

  test('a container may use what its own root allows', () => {
    put('memory.limit_in_bytes', unlimited);
    expect(usableMemory(cgroup(), 8 * gib)).toBe(8 * gib);
    put('memory.limit_in_bytes', String(gib));
    expect(usableMemory(cgroup(), 8 * gib)).toBe(gib);
    put(`${group}/memory.limit_in_bytes`, unlimited);
    put(`${group}/memory.failcnt`, '0');
    put('memory.failcnt', '7');
    expect(scarceMemory(cgroup(), 8 * gib)).toBe('the limit of the control group / is 1.0 GiB');
  });
});
