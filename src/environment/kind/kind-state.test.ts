import { mkdir } from 'node:fs/promises';
import { beforeEach, expect, test, vi } from 'vitest';
import { useStateFolder } from '../state-folder-fixture.ts';
import { allRun } from './cluster-nodes.ts';
import { kindPaths } from './kind-paths.ts';
import type { KindRecord } from './kind-record.ts';
import { writeKindRecord } from './kind-record.ts';
import { kindStates } from './kind-state.ts';

useStateFolder();
beforeEach(() => {
  vi.stubEnv('DOCKER_HOST', 'unix:///nowhere/docker.sock');
});

const container = { container: 'c', address: '10.240.0.2' };
const record: KindRecord = {
  schemaVersion: 1,
  name: 'written-down',
  createdAt: '2026-11-24T12:00:00.000Z',
  provider: 'docker',
  keeper: null,
  node: container,
  nameServer: container,
  ca: container,
  directoryProxy: container,
  loadBalancerAddresses: [],
};

test('distinguishes an unfinished environment from one whose engine does not answer', async () => {
  for (const name of ['begun', record.name]) await mkdir(kindPaths(name).root, { recursive: true });
  await writeKindRecord(record);
  const [begun, written, ...others] = await kindStates();
  expect(others).toEqual([]);
  expect(begun).toEqual({ name: 'begun', phase: 'unfinished', record: null, failure: null });
  expect(written).toMatchObject({ name: record.name, phase: 'unknown', record });
  expect(written?.failure).toMatch(/docker/);
});

test('reports a cluster only if every node runs', () => {
  expect(allRun([{ State: 'running' }, { State: 'running' }])).toBe(true);
  expect(allRun([{ State: 'running' }, { State: 'exited' }])).toBe(false);
  expect(allRun([])).toBe(false);
});
