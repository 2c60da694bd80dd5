import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ApiServerFixture } from '../../kube/api-server-fixture.ts';
import { KubeClient } from '../../kube/client.ts';
import { runLabel } from '../run-label.ts';
import { useStateFolder } from '../state-folder-fixture.ts';
import { existingProvider } from './existing-provider.ts';
import { writeRunRecord } from './run-record.ts';

const namespaceKind = { apiVersion: 'v1', kind: 'Namespace' };
const stateFolder = useStateFolder();

test('lists a run with an unreadable record, and what to do about it', async () => {
  const records = join(stateFolder(), 'padlock', 'existing');
  await mkdir(records, { recursive: true });
  await writeFile(join(records, 'run-abc123.json'), '{');
  expect(await existingProvider.list()).toEqual([
    {
      ...{ name: 'run-abc123', phase: 'unreadable', since: null, where: null, kubeconfig: null },
      failure: expect.stringContaining('Remove by hand what has the label padlock.dev/run=run-abc123'),
      advice:
        "If another version of Padlock wrote it, 'padlock down run-abc123' of that version removes what the run made.",
    },
  ]);
});

test('limits the diagnostics of a recorded run to its namespaces and that of the gateway', async () => {
  await using server = await ApiServerFixture.start({ ...namespaceKind, plural: 'namespaces', namespaced: false });
  await using kube = await KubeClient.open(server.kubeconfig);
  for (const name of ['http01-ingress-a', 'pebble-a']) {
    server.put({ ...namespaceKind, metadata: { name, labels: { [runLabel]: 'run-a' } } });
  }
  server.put({ ...namespaceKind, metadata: { name: 'http01-ingress-b', labels: { [runLabel]: 'run-b' } } });
  for (const name of ['gateways', 'shop']) server.put({ ...namespaceKind, metadata: { name } });
  await writeRunRecord({
    ...{ run: 'run-a', dnsUpdates: false, gatewayNamespace: 'gateways', server: kube.server, scratch: '/nowhere' },
    ...{ createdAt: '2026-11-24T09:00:00.000Z', kubeconfig: 'config', context: null, dnsHook: null, hosts: [] },
    ...{ ingressClass: null, istio: null, installed: null },
  });
  const found = await existingProvider.find('run-a');
  expect(await found?.namespaces?.(kube)).toEqual(['http01-ingress-a', 'pebble-a', 'gateways']);
});
