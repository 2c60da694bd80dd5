import { beforeAll, describe, expect, test } from 'vitest';
import { ApiServerFixture } from './api-server-fixture.ts';
import { preloadKubeClient } from './client.ts';
import { Connection } from './connection.ts';

beforeAll(preloadKubeClient, 60_000);

function kubeconfig(...servers: readonly string[]): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'one',
    clusters: servers.map((server, index) => ({
      name: `cluster-${index}`,
      cluster: { server, 'insecure-skip-tls-verify': true },
    })),
    users: [
      { name: 'nobody', user: {} },
      { name: 'somebody', user: { token: 'a-token' } },
    ],
    contexts: [
      { name: 'one', context: { cluster: 'cluster-0', user: 'nobody', namespace: 'first' } },
      { name: 'two', context: { cluster: 'cluster-1', user: 'somebody', namespace: 'second' } },
      { name: 'three', context: { cluster: 'no-such-cluster', user: 'nobody' } },
    ],
  });
}

describe('the context of a kubeconfig', () => {
  const text = kubeconfig('https://one.test:6443/', 'https://two.test:6443');

  test('is the current one unless another is named', async () => {
    await using connection = await Connection.open({ text });
    expect([connection.server, connection.defaultNamespace]).toEqual(['https://one.test:6443', 'first']);
  });

  test('decides cluster, namespace and what goes over web sockets', async () => {
    await using connection = await Connection.open({ text, context: 'two' });
    expect([connection.server, connection.defaultNamespace]).toEqual(['https://two.test:6443', 'second']);
    expect(connection.kubeConfig.getCurrentContext()).toBe('two');
  });

  test('decides the credentials', async () => {
    await using server = await ApiServerFixture.start();
    const { clusters } = JSON.parse(server.kubeconfig.text) as { clusters: [{ cluster: { server: string } }] };
    const address = clusters[0].cluster.server;
    await using two = await Connection.open({ text: kubeconfig(address, address), context: 'two' });
    await using one = await Connection.open({ text: kubeconfig(address, address) });
    const call = { what: 'list the kinds of v1', path: '/api/v1' };
    await expect(two.json(call)).rejects.toMatchObject({ status: 404 });
    await expect(one.json(call)).rejects.toMatchObject({ status: 401 });
  });

  test('that is not there is refused with those that are', async () => {
    await expect(Connection.open({ text, context: 'four' })).rejects.toMatchObject({
      name: 'UserError',
      exitCode: 2,
      message: "The kubeconfig has no context 'four'. Its contexts: one, two, three.",
    });
    await expect(Connection.open({ text: 'apiVersion: v1\nkind: Config\n', context: 'one' })).rejects.toThrow(
      "The kubeconfig has no context 'one'. Its contexts: none.",
    );
  });

  test('is rejected in one sentence if it is not YAML', async () => {
    await expect(Connection.open({ text: 'kind: Config\nclusters: [\n' })).rejects.toThrow(
      /^The kubeconfig is not valid YAML: line \d, column \d+: [^\n]+\.$/,
    );
  });

  test('without a cluster is refused', async () => {
    await expect(Connection.open({ text, context: 'three' })).rejects.toThrow(
      /^The kubeconfig has no current context with a cluster/,
    );
  });
});
