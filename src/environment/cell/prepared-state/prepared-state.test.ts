import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Components } from '../../../components/index.ts';
import {
  copyPreparedState,
  preparedStateFolder,
  preparedStateKey,
  removePreparedState,
  writePreparedState,
} from './prepared-state.ts';

let cache: string;
let folder: string;
let target: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'padlock-states-'));
  folder = preparedStateFolder(cache, 'key-one');
  target = join(cache, 'cell', 'etcd');
  await mkdir(join(cache, 'cell'));
});
afterEach(() => rm(cache, { recursive: true }));

const objects = { authorities: [], objects: [{ key: '/registry/pods/a/b', object: { kind: 'Pod' } }] };
const database = join('member', 'snap', 'db');

async function write(into = folder, content = 'database'): Promise<void> {
  await writePreparedState(into, objects, async (data) => {
    await mkdir(join(data, 'member', 'snap'), { recursive: true });
    await writeFile(join(data, database), content);
  });
}

test('gives back what was written, with a digest', async () => {
  await write();
  const state = await copyPreparedState(folder, target);
  expect(state).toMatchObject(objects);
  expect(state?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await readFile(join(target, database), 'utf8')).toBe('database');
});

test('there is none before one was taken', async () => {
  expect(await copyPreparedState(folder, target)).toBeNull();
});

test.each([
  {
    how: 'truncated',
    damage: () => truncate(join(folder, 'etcd', database), 3),
    message: 'is damaged: etcd/member/snap/db is not as it was taken',
  },
  {
    how: 'without a file',
    damage: () => rm(join(folder, 'etcd', database)),
    message: 'is damaged: etcd/member/snap/db is not as it was taken',
  },
  {
    how: 'without data',
    damage: () => rm(join(folder, 'etcd'), { recursive: true }),
    message: 'is damaged: its etcd data cannot be copied',
  },
  {
    how: 'without objects',
    damage: () => rm(join(folder, 'objects.json')),
    message: 'is damaged: it has no objects.json',
  },
  {
    how: 'with other objects',
    damage: () => writeFile(join(folder, 'objects.json'), '{}'),
    message: 'is damaged: objects.json is not as it was taken',
  },
  {
    how: 'without a record',
    damage: () => rm(join(folder, 'state.json')),
    message: 'is damaged: it has no state.json',
  },
  {
    how: 'with half a record',
    damage: () => truncate(join(folder, 'state.json'), 20),
    message: 'is damaged: state.json is no JSON',
  },
  {
    how: 'of another version',
    damage: async () => {
      const record = JSON.parse(await readFile(join(folder, 'state.json'), 'utf8')) as object;
      await writeFile(join(folder, 'state.json'), JSON.stringify({ ...record, formatVersion: 0 }));
    },
    message: 'is of another key or version',
  },
  {
    how: 'of another key',
    damage: async () => {
      await write(preparedStateFolder(cache, 'key-two'));
      await rm(folder, { recursive: true });
      await rename(preparedStateFolder(cache, 'key-two'), folder);
    },
    message: 'is of another key or version',
  },
])('refuses one that is $how, and leaves nothing of it in the cell', async ({ damage, message }) => {
  await write();
  await damage();
  await expect(copyPreparedState(folder, target)).rejects.toThrow(`the prepared state ${folder} ${message}`);
  expect(await readdir(join(cache, 'cell'))).toEqual([]);
});

test('two that are written at once do not harm each other', async () => {
  await Promise.all([write(folder, 'database'), write(folder, 'database')]);
  expect(await copyPreparedState(folder, target)).not.toBeNull();
  expect(await readdir(join(cache, 'prepared-states'))).toEqual(['key-one']);
});

test('one that is removed is gone, and removing it again is no error', async () => {
  await write();
  await removePreparedState(folder);
  await removePreparedState(folder);
  expect(await copyPreparedState(folder, target)).toBeNull();
  expect(await readdir(join(cache, 'prepared-states'))).toEqual([]);
});

test('a failure leaves nothing', async () => {
  const failing = writePreparedState(folder, objects, () => Promise.reject(new Error('no space')));
  await expect(failing).rejects.toThrow('no space');
  expect(await readdir(join(cache, 'prepared-states'))).toEqual([]);
});

test('the states used last are kept, and no more than six', async () => {
  for (let i = 0; i < 6; i++) {
    await write(preparedStateFolder(cache, `old-${i}`));
    await utimes(preparedStateFolder(cache, `old-${i}`), i + 1, i + 1);
  }
  await write();
  expect((await readdir(join(cache, 'prepared-states'))).sort()).toEqual([
    ...['key-one', 'old-1', 'old-2', 'old-3', 'old-4', 'old-5'],
  ]);
});

const programs = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet'];

function componentsOf(sha256: string, image = 'image'): Components {
  const files = new Map(programs.map((name) => [`/cache/${name}`, { component: name, sha256 }] as const));
  return new Components('/cache', files, [{ name: 'a:1', archive: '/a.tar', digest: 'sha256:0', key: image }]);
}

test('the key is that of programs, command lines, images and what is installed', () => {
  const key = preparedStateKey(componentsOf('a'), ['--a'], 'platform');
  expect(preparedStateKey(componentsOf('a'), ['--a'], 'platform')).toBe(key);
  const others = [
    preparedStateKey(componentsOf('b'), ['--a'], 'platform'),
    preparedStateKey(componentsOf('a', 'another'), ['--a'], 'platform'),
    preparedStateKey(componentsOf('a'), ['--feature-gates=A=true'], 'platform'),
    preparedStateKey(componentsOf('a'), ['--a'], 'another platform'),
  ];
  expect(new Set([key, ...others]).size).toBe(5);
});
