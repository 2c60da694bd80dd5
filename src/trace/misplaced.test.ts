import { expect, test } from 'vitest';
import type { KubeClient } from '../kube/client.ts';
import { misplacedObjects } from './misplaced.ts';

const { signal } = new AbortController();

/** What the function reads of a client: the cluster's own Gateways and VirtualServices. */
function clientWith(objects: readonly { kind: string }[], hasControlPlane = true): KubeClient {
  const cluster = {
    discovery: { find: async () => ({}) },
    list: async ({ kind }: { kind: string }) => objects.filter((each) => each.kind === kind),
  };
  const istio = hasControlPlane ? { server: 'https://control' } : null;
  return { server: 'https://cluster', cluster, istio } as unknown as KubeClient;
}

const metadata = { namespace: 'n', name: 'mine' };
const gateway = {
  kind: 'Gateway',
  metadata,
  spec: {
    servers: [
      { hosts: ['n/*.example.test'], tls: { credentialName: 'mine-tls' } },
      { hosts: ['n/*.example.test'], tls: { credentialNames: ['mine-ecdsa', 'mine-rsa'] } },
      { hosts: ['n/b.example.test'], tls: { credentialName: 'another' } },
    ],
  },
};
const virtualService = { kind: 'VirtualService', metadata, spec: { hosts: ['a.example.test'] } };
const others = { kind: 'Gateway', metadata, spec: { servers: [{ hosts: ['*', 'b.example.test'] }] } };

test("names Istio's objects for the host that were applied to the cluster instead of the control plane", async () => {
  const found = await misplacedObjects(clientWith([gateway, virtualService, others]), 'a.example.test', signal);
  expect(found).toEqual([
    { title: 'Gateway n/mine', credentials: ['mine-tls', 'mine-ecdsa', 'mine-rsa'] },
    { title: 'VirtualService n/mine', credentials: [] },
  ]);
});

test('looks for none if the control plane has no API server of its own', async () => {
  expect(await misplacedObjects(clientWith([gateway], false), 'a.example.test', signal)).toEqual([]);
});
