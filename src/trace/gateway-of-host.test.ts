import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { preloadKubeClient } from '../kube/client.ts';
import { ClusterFixture, object, putGateway } from './cluster-fixture.ts';
import { ClusterView } from './cluster-view.ts';
import { gatewayOfHost } from './gateway-of-host.ts';
import { liveCluster } from './live-cluster.ts';

let cluster: ClusterFixture;

// Half a second, and more on a busy machine.
beforeAll(preloadKubeClient, 60_000);

beforeEach(async () => {
  cluster = await ClusterFixture.start();
});

afterEach(() => cluster[Symbol.asyncDispose]());

function find(host: string, parent: { namespace: string; name: string } | null = null) {
  return gatewayOfHost(new ClusterView(liveCluster(cluster.kube), new AbortController().signal), host, parent);
}

function istioGateway(name: string, hosts: readonly string[], selector: Readonly<Record<string, string>>): void {
  cluster.server.put(object('networking.istio.io/v1', 'Gateway', name, { spec: { selector, servers: [{ hosts }] } }));
}

describe('gatewayOfHost', () => {
  test('is none where there is no Pod of one', async () => {
    expect(await find('a.test')).toBeNull();
  });

  test("is Istio's default where nothing names the host", async () => {
    putGateway(cluster.server, 'istio-system', 'istio-ingressgateway', { istio: 'ingressgateway' });
    putGateway(cluster.server, 'istio-system', 'internal', { istio: 'internal' });
    istioGateway('everything', ['*'], { istio: 'internal' });
    expect(await find('a.test')).toEqual({
      service: { namespace: 'istio-system', name: 'istio-ingressgateway' },
      pods: [{ namespace: 'istio-system', name: 'istio-ingressgateway-1' }],
    });
  });

  test('is, of several, the one that a Gateway for the host selects', async () => {
    putGateway(cluster.server, 'istio-system', 'istio-ingressgateway', { istio: 'ingressgateway' });
    putGateway(cluster.server, 'ingress', 'public', { istio: 'public' });
    istioGateway('public', ['apps/*.test'], { istio: 'public' });
    istioGateway('other', ['b.example'], { istio: 'ingressgateway' });
    expect((await find('a.test'))?.service).toEqual({ namespace: 'ingress', name: 'public' });
    expect((await find('b.example'))?.service).toEqual({ namespace: 'istio-system', name: 'istio-ingressgateway' });
  });

  test("is, for a solver's HTTPRoute, that of its parent, also in another namespace", async () => {
    putGateway(cluster.server, 'istio-system', 'istio-ingressgateway', { istio: 'ingressgateway' });
    const label = 'gateway.networking.k8s.io/gateway-name';
    putGateway(cluster.server, 'apps', 'shared', { [label]: 'shared' });
    putGateway(cluster.server, 'infra', 'shared', { [label]: 'shared' });
    expect((await find('a.test', { namespace: 'infra', name: 'shared' }))?.service.namespace).toBe('infra');
  });

  test('has the load balancer as its Service, and all of its Pods', async () => {
    putGateway(cluster.server, 'istio-system', 'istio-ingressgateway', { istio: 'ingressgateway' });
    const labels = { istio: 'ingressgateway' };
    cluster.server.put(object('v1', 'Pod', 'istio-ingressgateway-2', { namespace: 'istio-system', labels }));
    cluster.server.put(
      object('v1', 'Service', 'a-metrics', {
        namespace: 'istio-system',
        spec: { type: 'ClusterIP', selector: labels },
      }),
    );
    expect(await find('a.test')).toEqual({
      service: { namespace: 'istio-system', name: 'istio-ingressgateway' },
      pods: ['istio-ingressgateway-1', 'istio-ingressgateway-2'].map((name) => ({ namespace: 'istio-system', name })),
    });
  });
});
