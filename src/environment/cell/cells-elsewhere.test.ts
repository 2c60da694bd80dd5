import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { useStateFolder } from '../state-folder-fixture.ts';
import { cellPaths } from './cell-paths.ts';
import { cellElsewhere, whoManages } from './cells-elsewhere.ts';

const ownStateHome = useStateFolder();
let other: string;

beforeEach(() => {
  other = join(tmpdir(), `padlock-other-state-${process.pid}`);
});
afterEach(() => rm(other, { recursive: true, force: true }));

const record = {
  schemaVersion: 2,
  name: 'dev',
  slot: 7,
  createdAt: '2030-01-01T00:00:00.000Z',
  ca: 'pebble',
  phase: 'running',
  failure: null,
  keeper: { pid: 11, startTime: '1' },
  nodePid: 12,
  outsidePid: 13,
};

/** Writes what a keeper of `dev` finds in a state folder. @returns the specification that it is started with */
async function stateIn(stateHome: string): Promise<string> {
  const root = join(stateHome, 'padlock', 'cells', 'dev');
  await mkdir(root, { recursive: true });
  await writeFile(join(root, 'spec.json'), '{}');
  await writeFile(join(root, 'cell.json'), JSON.stringify(record));
  return join(root, 'spec.json');
}

/** The processes in the cell's cgroup: etcd, and a keeper with this specification. */
const keeperOf = (spec: string) => ({
  processesOf: async () => [10, 11],
  commandLineOf: async (pid: number) =>
    pid === 10
      ? ['/cache/etcd', '--data-dir=/run/cell/etcd']
      : ['/cache/node', '/opt/padlock/src/environment/cell/keeper.ts', spec, ''],
});

test('finds a cell whose keeper has its state in another folder, and says who manages it', async () => {
  const found = await cellElsewhere('dev', keeperOf(await stateIn(other)));
  expect(found).toMatchObject({ name: 'dev', stateHome: other, record: { slot: 7, phase: 'running' } });
  expect(found?.kubeconfig).toBe(join(other, 'padlock', 'cells', 'dev', 'kubeconfig'));
  expect(found && whoManages(found)).toBe(
    `It belongs to the state folder ${other}/padlock, not to ${ownStateHome()}/padlock. 'XDG_STATE_HOME=${other} padlock down dev' removes it.`,
  );
});

test('is found too while this folder has the state of an earlier cell of that name', async () => {
  await mkdir(cellPaths('dev').root, { recursive: true });
  await writeFile(cellPaths('dev').spec, '{}');
  expect(await cellElsewhere('dev', keeperOf(await stateIn(other)))).toMatchObject({ stateHome: other });
});

test('a cell of this state folder is not elsewhere, by whatever path', async () => {
  const spec = await stateIn(ownStateHome());
  expect(await cellElsewhere('dev', keeperOf(spec))).toBeNull();
  await symlink(ownStateHome(), other);
  expect(await cellElsewhere('dev', keeperOf(join(other, 'padlock', 'cells', 'dev', 'spec.json')))).toBeNull();
});

test('a cell whose state is gone, or whose keeper ended, is not elsewhere but left over', async () => {
  expect(await cellElsewhere('dev', keeperOf(join(other, 'padlock', 'cells', 'dev', 'spec.json')))).toBeNull();
  const { commandLineOf } = keeperOf(await stateIn(other));
  expect(await cellElsewhere('dev', { processesOf: async () => [10], commandLineOf })).toBeNull();
});
