import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { preloadKubeClient } from '../kube/client.ts';
import { ClusterFixture, object, putWaitingIssuance } from './cluster-fixture.ts';
import { untilChanged } from './until-changed.ts';

let cluster: ClusterFixture;

// Half a second, and more on a busy machine.
beforeAll(preloadKubeClient, 60_000);

beforeEach(async () => {
  cluster = await ClusterFixture.start();
  putWaitingIssuance(cluster.server);
});

afterEach(() => cluster[Symbol.asyncDispose]());

const open = () => vi.waitUntil(() => cluster.server.openWatches === 4);
const closed = () => vi.waitUntil(() => cluster.server.openWatches === 0);

describe('untilChanged', () => {
  test('resolves when an object of the issuance changes, and not for what was there', async () => {
    let isOver = false;
    const waiting = untilChanged(cluster.kube, 'apps', new AbortController().signal).then(() => {
      isOver = true;
    });
    await open();
    expect(isOver).toBe(false);
    cluster.server.put(object('acme.cert-manager.io/v1', 'Challenge', 'another'));
    await waiting;
    await closed();
  });

  test('rejects with the reason of the signal, and leaves no watch', async () => {
    const stop = new AbortController();
    const waiting = untilChanged(cluster.kube, 'apps', stop.signal);
    await open();
    stop.abort(new Error('interrupted'));
    await expect(waiting).rejects.toThrow('interrupted');
    await closed();
    await expect(untilChanged(cluster.kube, 'apps', stop.signal)).rejects.toThrow('interrupted');
  });
});
