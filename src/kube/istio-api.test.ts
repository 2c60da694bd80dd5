import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KubeClient } from './client.ts';
import { isForIstio, isOfIstio } from './istio-api.ts';

/** An API server that writes down what it is asked. */
class Api {
  readonly asked: string[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? '', 'http://api').pathname;
      this.asked.push(`${request.method} ${path}`);
      const kinds: Record<string, object[]> = {
        '/api/v1': [{ name: 'namespaces', kind: 'Namespace', namespaced: false }],
        '/apis/networking.istio.io/v1': [{ name: 'gateways', kind: 'Gateway', namespaced: true }],
        '/apis/networking.k8s.io/v1': [{ name: 'ingresses', kind: 'Ingress', namespaced: true }],
      };
      const resources = kinds[path];
      response.end(JSON.stringify(resources ? { resources } : { metadata: { resourceVersion: '1' }, items: [] }));
    }).listen(0, '127.0.0.1');
  }

  async kubeconfig(): Promise<string> {
    if (!this.#server.listening) await new Promise((resolve) => this.#server.once('listening', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return JSON.stringify({
      ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'x' },
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let folder: string;
let cluster: Api;
let control: Api;
let kube: KubeClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-istio-api-'));
  cluster = new Api();
  control = new Api();
  const path = join(folder, 'istio.yaml');
  await writeFile(path, await control.kubeconfig());
  kube = await KubeClient.open({ text: await cluster.kubeconfig(), istio: { path } });
});

afterEach(async () => {
  await kube[Symbol.asyncDispose]();
  cluster.close();
  control.close();
  await rm(folder, { recursive: true });
});

const gateway = { apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'g', namespace: 'n' } };
const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name: 'i', namespace: 'n' } };
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } };

test("Istio's own objects go to its control plane, and everything else to the cluster", async () => {
  await kube.apply([gateway, ingress]);
  await kube.list({ apiVersion: 'networking.istio.io/v1', kind: 'Gateway' });
  await kube.remove({ ...gateway, name: 'g', namespace: 'n' });
  const path = '/apis/networking.istio.io/v1';
  expect(control.asked).toEqual([
    `GET ${path}`,
    `PATCH ${path}/namespaces/n/gateways/g`,
    `GET ${path}/gateways`,
    `DELETE ${path}/namespaces/n/gateways/g`,
  ]);
  expect(cluster.asked).toEqual([
    'GET /apis/networking.k8s.io/v1',
    'PATCH /apis/networking.k8s.io/v1/namespaces/n/ingresses/i',
  ]);
});

test('namespaces are applied and removed on both', async () => {
  await kube.apply([namespace]);
  await kube.remove({ apiVersion: 'v1', kind: 'Namespace', name: 'n' });
  await kube.list({ apiVersion: 'v1', kind: 'Namespace' });
  const both = ['PATCH /api/v1/namespaces/n', 'DELETE /api/v1/namespaces/n'];
  expect(control.asked).toEqual(both);
  expect(cluster.asked).toEqual(['GET /api/v1', ...both, 'GET /api/v1/namespaces']);
});

test('the control plane can be asked for the rest, too', async () => {
  await kube.istio?.list({ apiVersion: 'v1', kind: 'Namespace' });
  expect(control.asked).toContain('GET /api/v1/namespaces');
  expect(kube.istio).toBe(kube.istio);
  expect(kube.istio?.istio).toBeNull();
  await kube.cluster.list({ apiVersion: 'networking.istio.io/v1', kind: 'Gateway' });
  expect(cluster.asked).toContain('GET /apis/networking.istio.io/v1/gateways');
});

test("tells Istio's groups from others", () => {
  expect(['networking.istio.io/v1', 'security.istio.io', 'telemetry.istio.io/v1alpha1'].every(isOfIstio)).toBe(true);
  expect(['networking.k8s.io/v1', 'v1', 'notistio.io/v1', 'gateway.networking.k8s.io/v1'].some(isOfIstio)).toBe(false);
  expect(isForIstio('/apis/notistio.io/v1/x')).toBe(false);
});
