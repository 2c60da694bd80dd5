import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { cellPaths } from '../../environment/cell/cell-paths.ts';
import { kindPaths } from '../../environment/kind/kind-paths.ts';
import { writeKindRecord } from '../../environment/kind/kind-record.ts';
import { environmentNamed } from '../../environment/registry/providers.ts';
import { useStateFolder } from '../../environment/state-folder-fixture.ts';
import { kubeconfig } from './kubeconfig.ts';
import { logs } from './logs.ts';

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

describe('padlock kubeconfig', () => {
  test('asks the container engine of a kind environment whether it runs', async () => {
    await record();
    await expect(kubeconfig(name, { raw: false })).rejects.toThrow(/docker/);
    expect(printed).toBe('');
  });

  test('refuses a kind environment whose start was never finished, and an unknown name', async () => {
    await expect(kubeconfig(name, { raw: false })).rejects.toThrow(
      `No kind environment is named '${name}', or its start was never finished.`,
    );
    await expect(kubeconfig('nothing', { raw: false })).rejects.toThrow("No environment is named 'nothing'.");
  });
});

test('of a cell and a kind environment with one name, the name means the cell', async () => {
  await mkdir(cellPaths(name).logs, { recursive: true });
  expect((await environmentNamed(name)).title).toBe(`cell '${name}'`);
});

describe('padlock logs', () => {
  test('lists the written logs of a kind environment, even if its engine does not answer', async () => {
    await record();
    for (const file of ['pebble.log', 'named.log', 'notes.txt']) await writeFile(join(kindPaths(name).logs, file), '');
    expect(await logs(undefined, { name })).toBe(0);
    expect(printed).toBe('named\npebble\n');
    await expect(logs('etcd', { name })).rejects.toThrow(
      `The kind environment '${name}' has no log of 'etcd'. Components with a log: named, pebble.`,
    );
  });

  test('says that there are no logs yet', async () => {
    await expect(logs('pebble', { name })).rejects.toThrow(/It has no logs yet\.$/);
  });
});
