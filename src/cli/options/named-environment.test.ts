import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { cellPaths } from '../../environment/cell/cell-paths.ts';
import { useStateFolder } from '../../environment/cell/state-folder-fixture.ts';
import { kindPaths } from '../../environment/kind/kind-paths.ts';
import { writeKindRecord } from '../../environment/kind/kind-record.ts';
import { kubeconfig } from '../commands/kubeconfig.ts';
import { logs } from '../commands/logs.ts';
import { isKindAlone } from './named-environment.ts';

const name = 'beside-docker';
const container = { container: 'c', address: '10.240.0.2' };
let printed: string;

useStateFolder();
beforeEach(async () => {
  vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  await mkdir(kindPaths(name).logs, { recursive: true });
});

function record() {
  return writeKindRecord({
    ...{ schemaVersion: 1, name, createdAt: '2026-11-24T12:00:00.000Z', provider: 'docker', keeper: null },
    ...{ node: container, nameServer: container, ca: container, directoryProxy: container, loadBalancerAddresses: [] },
  });
}

test('a name is that of a kind environment where there is no cell of it', async () => {
  expect(isKindAlone(name)).toBe(true);
  expect(isKindAlone('nothing')).toBe(false);
  await mkdir(cellPaths(name).root, { recursive: true });
  expect(isKindAlone(name)).toBe(false);
});

describe('padlock kubeconfig', () => {
  test('asks the container engine of a kind environment whether it runs', async () => {
    await record();
    await expect(kubeconfig(name, { raw: false })).rejects.toThrow(/docker/);
    expect(printed).toBe('');
  });

  test('knows no kind environment that was never finished, and nothing else of no name', async () => {
    await expect(kubeconfig(name, { raw: false })).rejects.toThrow(`There is no kind environment named '${name}'`);
    await expect(kubeconfig('nothing', { raw: false })).rejects.toThrow("There is no cell named 'nothing'");
  });
});

describe('padlock logs', () => {
  test('lists those of a kind environment that were written, also where its engine does not answer', async () => {
    await record();
    for (const file of ['pebble.log', 'named.log', 'notes.txt']) await writeFile(join(kindPaths(name).logs, file), '');
    expect(await logs(undefined, { name })).toBe(0);
    expect(printed).toBe('named\npebble\n');
    await expect(logs('etcd', { name })).rejects.toThrow(
      `'etcd' has no log in the kind environment '${name}'; there are named, pebble.`,
    );
  });

  test('says that there is none yet', async () => {
    await expect(logs('pebble', { name })).rejects.toThrow(/there is none yet\.$/);
  });
});
