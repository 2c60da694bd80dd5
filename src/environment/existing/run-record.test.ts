import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useStateFolder } from '../state-folder-fixture.ts';
import {
  type RunRecord,
  readRunRecord,
  recordedRuns,
  recordsWithHost,
  removeRunRecord,
  writeRunRecord,
} from './run-record.ts';

const record: RunRecord = {
  run: 'run-abc123',
  createdAt: '2026-11-24T13:00:00.000Z',
  kubeconfig: '/home/user/kubeconfig',
  context: null,
  server: 'https://192.0.2.1:6443',
  gatewayNamespace: 'istio-system',
  dnsHook: null,
  hosts: ['a.example.test'],
  dnsUpdates: true,
  scratch: '/tmp/padlock-outside-x',
  ingressClass: null,
  istio: null,
  installed: {
    parts: ['istio'],
    kinds: [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', namespace: null }],
  },
};

const stateFolder = useStateFolder();

test('is kept for its owner alone until it is removed', async () => {
  expect(await recordedRuns()).toEqual([]);
  await writeRunRecord(record);
  expect(await readRunRecord(record.run)).toEqual(record);
  expect(await recordedRuns()).toEqual([record.run]);
  const file = join(stateFolder(), 'padlock', 'existing', 'run-abc123.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await removeRunRecord(record.run);
  await removeRunRecord(record.run);
  expect(await readRunRecord(record.run)).toBeNull();
});

test('says what to do about one that cannot be read', async () => {
  await writeRunRecord(record);
  await writeFile(join(stateFolder(), 'padlock', 'existing', 'run-abc123.json'), '{');
  await expect(readRunRecord(record.run)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('Remove by hand what has the label padlock.dev/run=run-abc123'),
  });
});

test('those of other runs in the same cluster are found by a host', async () => {
  const others = [
    { ...record, run: 'run-b' },
    { ...record, run: 'run-c', server: 'https://192.0.2.2:6443' },
    { ...record, run: 'run-d', hosts: [] },
  ];
  for (const each of [record, ...others]) await writeRunRecord(each);
  await writeFile(join(stateFolder(), 'padlock', 'existing', 'run-e.json'), '{');
  expect((await recordsWithHost(record, 'a.example.test')).map(({ run }) => run)).toEqual(['run-b']);
  expect(await recordsWithHost(record, 'b.example.test')).toEqual([]);
});

test.each(['default', '../run-abc', 'run-', 'run-a/b'])('takes %o for the name of no run', async (name) => {
  expect(await readRunRecord(name)).toBeNull();
});
