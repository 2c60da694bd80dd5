import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { ApiServerFixture } from '../../kube/api-server-fixture.ts';
import { KubeClient } from '../../kube/client.ts';
import { ingressGatewayOfCharts } from '../environment.ts';
import { useStateFolder } from '../state-folder-fixture.ts';
import { PreparedExisting } from './prepared-existing.ts';
import { RunningExisting } from './running-existing.ts';

const { signal } = new AbortController();
const stateFolder = useStateFolder();

test('closes the connection to the cluster if the record of the run cannot be written', async () => {
  await using server = await ApiServerFixture.start({
    ...{ apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
  });
  const scratch = join(stateFolder(), 'outside');
  await mkdir(scratch);
  // A file where the folder of the records would be.
  await writeFile(join(stateFolder(), 'padlock'), '');
  const kube = await KubeClient.open(server.kubeconfig);
  const closed = vi.spyOn(kube, Symbol.asyncDispose);
  const cluster = new RunningExisting({
    kube,
    request: { run: 'run-a', kubeconfig: 'config', domain: 'example.test', allowClusterChanges: false, signal },
    record: {
      ...{ run: 'run-a', dnsUpdates: false, gatewayNamespace: 'gateways', server: kube.server, scratch },
      ...{ createdAt: '2026-11-24T09:00:00.000Z', kubeconfig: 'config', context: null, dnsHook: null, hosts: [] },
      ...{ ingressClass: null, istio: null, installed: null },
    },
    ca: {
      ...{ directoryUrl: 'https://ca.example.test/directory', directoryCaFile: null, software: 'CA', version: '' },
      ...{ settings: {}, userAgent: '', log: null, roots: async () => [] },
    },
    names: { domain: 'example.test', anyAddress: false, setAddresses: async () => {} },
    discovered: {
      ...{ gateway: ingressGatewayOfCharts, gatewayAddress: null, ingressClass: null, istio: null, gatewayApi: true },
      components: [],
    },
  });
  const prepared = new PreparedExisting({ cluster, install: [], applicationImage: 'httpbin' });
  const steps = { components: null, platform: null, signal, onPhase: () => {} };
  await expect(prepared.start(steps)).rejects.toThrow('ENOTDIR');
  expect(closed).toHaveBeenCalledOnce();
  expect(existsSync(scratch)).toBe(false);
});
