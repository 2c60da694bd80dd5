import { expect, test } from 'vitest';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/kube-error.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { unreadCluster } from './unread-cluster.ts';

const { signal } = new AbortController();
const env = [{ name: 'ISTIO_META_CLUSTER_ID', value: 'data-plane' }];
const gatewayPod = {
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'gateway' } },
  spec: { containers: [{ name: 'istio-proxy', env }] },
};
const istiodPod = { metadata: { namespace: 'istio-system', name: 'istiod-1' } };
const healthy = '2026-11-27T23:00:00.000000Z\tinfo\tads\tXDS: Pushing Services:5 ConnectedEndpoints:1';
const error = (cluster: string, reason: string) =>
  `2026-11-27T23:00:01.000000Z\terror\tkube\twatch error in cluster ${cluster}: ${reason}`;

function clients(lines: readonly string[], pods: () => readonly unknown[] = () => [istiodPod]) {
  const istio = {
    server: 'https://control',
    list: async () => pods(),
    async *podLogs() {
      yield* lines;
    },
  };
  return { server: 'https://data', istio } as unknown as KubeClient;
}

const look = (kube: KubeClient, pods: readonly KubeObject[] = [gatewayPod]) => unreadCluster(kube, pods, signal);

test.each([
  'failed to list *v1.Service: Unauthorized',
  'failed to list *v1.Secret: Get "https://10.0.0.1:6443/api/v1/secrets": dial tcp 10.0.0.1:6443: connect: no route to host',
])('names the cluster that istiod cannot read, and why: %s', async (reason) => {
  const found = await look(clients([healthy, error('data-plane', reason), healthy]));
  expect(found).toEqual([{ pod: 'istio-system/istiod-1', cluster: 'data-plane', reason }]);
});

test('says nothing of other clusters, of a healthy one, and of what may not be read', async () => {
  expect(await look(clients([error('elsewhere', 'Unauthorized')]))).toEqual([]);
  expect(await look(clients([healthy]))).toEqual([]);
  const refused = () => {
    throw new KubeError('no', { status: 403, reason: 'Forbidden' });
  };
  expect(await look(clients([], refused))).toEqual([]);
  expect(await look(clients([error('data-plane', 'Unauthorized')]), [])).toEqual([]);
});

test('looks for nothing if the control plane has no API server of its own', async () => {
  expect(await look({ server: 'https://data', istio: null } as unknown as KubeClient)).toEqual([]);
});
