import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { refuse } from '../kube/api-server-fixture.ts';
import { preloadKubeClient } from '../kube/client.ts';
import { ClusterFixture, object } from './cluster-fixture.ts';
import { ClusterView } from './cluster-view.ts';
import { liveCluster } from './live-cluster.ts';

const virtualService = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' };

let cluster: ClusterFixture;
let view: ClusterView;

// Half a second, and more on a busy machine.
beforeAll(preloadKubeClient, 60_000);

beforeEach(async () => {
  cluster = await ClusterFixture.start();
  view = new ClusterView(liveCluster(cluster.kube), new AbortController().signal);
});

afterEach(() => cluster[Symbol.asyncDispose]());

describe('ClusterView', () => {
  test('remembers each object once, as it is', async () => {
    cluster.server.put(object('v1', 'Pod', 'p', { status: { phase: 'Running' } }));
    await view.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'apps', name: 'p' });
    await view.list({ apiVersion: 'v1', kind: 'Pod' });
    expect(view.objects).toMatchObject([
      { kind: 'Pod', name: 'p', states: [{ change: 'existed', object: { status: { phase: 'Running' } } }] },
    ]);
  });

  test('what is not there is no problem', async () => {
    expect(await view.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'apps', name: 'none' })).toBeUndefined();
    expect(await view.list({ apiVersion: 'example.test/v1', kind: 'Nothing' })).toEqual([]);
    expect(await view.has({ apiVersion: 'example.test/v1', kind: 'Nothing' })).toBe(false);
    expect(view.problems).toEqual([]);
  });

  test('looks in one namespace where all are not allowed, and says so', async () => {
    cluster.server.put(object('networking.istio.io/v1', 'VirtualService', 'own'));
    cluster.server.put(object('networking.istio.io/v1', 'VirtualService', 'foreign', { namespace: 'other' }));
    cluster.server.forbid('list', 'virtualservices', 'in all namespaces at once');
    expect((await view.list(virtualService, 'apps')).map(({ metadata }) => metadata.name)).toEqual(['own']);
    expect(view.problems).toEqual([
      "VirtualService could not be looked for outside the namespace apps: the kubeconfig's user may not list it in all namespaces.",
    ]);
    expect(await view.list(virtualService)).toEqual([]);
    expect(view.problems.at(-1)).toMatch(/^Could not list VirtualService .*403 Forbidden\)\.$/);
  });

  test('a failure of the API server is a sentence', async () => {
    cluster.server.overrides.push((request, response) => {
      if (!request.url?.includes('/pods')) return false;
      refuse(response, 500, 'InternalError', 'etcd is away');
      return true;
    });
    expect(await view.list({ apiVersion: 'v1', kind: 'Pod' })).toEqual([]);
    expect(view.problems).toEqual(['Could not list Pod (v1): the API server says: etcd is away (500 InternalError).']);
  });

  test('the signal is no problem to be noted', async () => {
    const stopped = new ClusterView(liveCluster(cluster.kube), AbortSignal.abort(new Error('interrupted')));
    await expect(stopped.list({ apiVersion: 'v1', kind: 'Pod' })).rejects.toThrow('interrupted');
    expect(stopped.problems).toEqual([]);
  });
});
