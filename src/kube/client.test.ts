import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiServerFixture, refuse } from './api-server-fixture.ts';
import { KubeClient } from './client.ts';
import type { KubeObject } from './kube-object.ts';

const resources = [
  { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true },
  { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
  { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    plural: 'validatingwebhookconfigurations',
    namespaced: false,
  },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
];

const configMap: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: 'n' } };
const definition: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'issuers.cert-manager.io' },
  spec: {
    group: 'cert-manager.io',
    scope: 'Namespaced',
    names: { kind: 'Issuer', plural: 'issuers' },
    versions: [{ name: 'v1', served: true }],
  },
};

let server: ApiServerFixture;
let client: KubeClient;

beforeEach(async () => {
  server = await ApiServerFixture.start(...resources);
  client = await KubeClient.open(server.kubeconfig);
});

afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe('apply', () => {
  test('goes by stages: foundations, settings, workloads, interceptors', async () => {
    await client.apply([
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingWebhookConfiguration',
        metadata: { name: 'w' },
      },
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } },
      configMap,
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' }, status: { phase: 'Active' } },
    ]);
    expect(server.requests.filter((request) => request.startsWith('PATCH'))).toEqual([
      'PATCH /api/v1/namespaces/n?fieldManager=padlock&force=false',
      'PATCH /api/v1/namespaces/n/configmaps/m?fieldManager=padlock&force=false',
      'PATCH /apis/apps/v1/namespaces/own/deployments/d?fieldManager=padlock&force=false',
      'PATCH /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/w?fieldManager=padlock&force=false',
    ]);
  });

  test('waits until new kinds are established before it makes objects of them', async () => {
    const issuer = { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata: { name: 'i', namespace: 'n' } };
    const applying = client.apply([issuer, definition]);
    while (server.openWatches === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(server.requests.some((request) => request.includes('/issuers/'))).toBe(false);
    server.resources.push({ apiVersion: 'cert-manager.io/v1', kind: 'Issuer', plural: 'issuers', namespaced: true });
    server.put({ ...definition, status: { conditions: [{ type: 'Established', status: 'True' }] } });
    await applying;
    expect(server.requests.at(-1)).toBe(
      'PATCH /apis/cert-manager.io/v1/namespaces/n/issuers/i?fieldManager=padlock&force=false',
    );
  });

  test('uses few connections and asks once for the kinds of an apiVersion', async () => {
    const many = Array.from({ length: 120 }, (_, index) => ({
      ...configMap,
      metadata: { name: `m${index}`, namespace: 'n', managedFields: [] },
    }));
    await client.apply(many, { force: true, fieldManager: 'other' });
    expect(server.connections).toBeLessThan(30);
    expect(server.requests.filter((request) => request === 'GET /api/v1')).toHaveLength(1);
    expect(server.requests.at(-1)).toMatch(/fieldManager=other&force=true$/);
    const stored = await client.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n', name: 'm7' });
    expect(stored?.metadata).not.toHaveProperty('managedFields');
  });

  test('names the object and what the API server says of it', async () => {
    server.overrides.push((request, response) => {
      if (request.method !== 'PATCH') return false;
      refuse(response, 409, 'Conflict', 'Apply failed with 1 conflict: conflict with "helm": .data.a');
      return true;
    });
    await expect(client.apply([configMap])).rejects.toThrow(
      'Could not apply ConfigMap n/m: the API server says: Apply failed with 1 conflict: conflict with "helm": .data.a (409 Conflict).',
    );
  });

  test('refuses unknown kinds, and namespaces that are going away', async () => {
    await expect(client.apply([{ ...configMap, kind: 'Nothing' }])).rejects.toThrow(/has no kind Nothing \(v1\)\.$/);
    const leaving = { name: 'n', deletionTimestamp: '2026-11-24T08:00:00Z' };
    await expect(client.apply([configMap, { apiVersion: 'v1', kind: 'Namespace', metadata: leaving }])).rejects.toThrow(
      'Namespace n is still being deleted',
    );
  });
});

describe('KubeClient', () => {
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n', name: 'm' };

  test('gets, lists, patches and removes', async () => {
    expect(await client.get(ref)).toBeUndefined();
    expect(await client.remove(ref)).toBe(false);
    server.put(configMap);
    expect((await client.get(ref))?.metadata.name).toBe('m');
    expect(await client.list({ apiVersion: 'v1', plural: 'configmaps', namespace: 'n' })).toMatchObject([configMap]);
    expect(await client.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'other' })).toEqual([]);
    expect(await client.patchStatus(ref, { phase: 'x' })).toMatchObject({ status: { phase: 'x' } });
    expect(server.requests.at(-1)).toBe('PATCH /api/v1/namespaces/n/configmaps/m/status?fieldManager=padlock');
    expect(await client.remove(ref)).toBe(true);
    expect(await client.get(ref)).toBeUndefined();
  });

  test('reads the lines of a log as they come', async () => {
    const seen: string[] = [];
    const reading = (async () => {
      for await (const line of client.podLogs('n', 'p', 'c', { follow: true, tailLines: 1 })) {
        seen.push(line);
        if (seen.length === 2) break;
      }
    })();
    while (server.log('n', 'p', 'c', 'one\ntwo') === 0) await new Promise((resolve) => setImmediate(resolve));
    await reading;
    expect(seen).toEqual(['one', 'two']);
    expect(server.requests.at(-1)).toBe('GET /api/v1/namespaces/n/pods/p/log?container=c&follow=true&tailLines=1');
  });

  test('says that the API server does not answer', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const text = server.kubeconfig.text.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`);
    await using nobody = await KubeClient.open({ text });
    await expect(nobody.version()).rejects.toThrow(
      `Could not get the API server's version: no answer from the API server at http://127.0.0.1:${port} (connect ECONNREFUSED 127.0.0.1:${port}).`,
    );
  });

  test('stops a request by its signal', async () => {
    server.overrides.push(() => true);
    const stop = new AbortController();
    const asking = client.version(stop.signal);
    stop.abort(new Error('interrupted'));
    await expect(asking).rejects.toThrow('interrupted');
  });

  test('says what is wrong with a kubeconfig', async () => {
    await expect(KubeClient.open({ path: '/nowhere/kubeconfig' })).rejects.toThrow(
      /^Cannot read the kubeconfig \/nowhere\/kubeconfig: no such file or folder \(ENOENT\)\.$/,
    );
    await expect(KubeClient.open({ text: 'apiVersion: v1\nkind: Config\n' })).rejects.toThrow(
      'has no current context with a cluster',
    );
  });
});
