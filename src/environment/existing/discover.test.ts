import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { discover, discoverBeforeInstall } from './discover.ts';
import type { InstallPart } from './install-parts.ts';

let server: Server;
let kube: KubeClient;
let services: unknown[];
let deployments: unknown[];
let pods: unknown[];
let ingressClasses: unknown[];
let istioServed: boolean;
const { signal } = new AbortController();

beforeEach(async () => {
  istioServed = false;
  pods = [];
  services = [
    service('istio-system', 'istio-ingressgateway', { app: 'istio-ingressgateway', istio: 'ingressgateway' }),
  ];
  deployments = [
    deployment('istio-system', 'istiod', 'docker.io/istio/pilot:1.27.1', { app: 'istiod' }),
    deployment('istio-system', 'gateway', 'auto', {}, { app: 'istio-ingressgateway', istio: 'ingressgateway' }),
    certManager('quay.io/jetstack/cert-manager-controller:v1.18.2'),
  ];
  ingressClasses = [{ metadata: { name: 'istio' }, spec: { controller: 'istio.io/ingress-controller' } }];
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://api').pathname;
    const items = itemsAt(path);
    if (items === undefined) response.writeHead(404);
    response.end(JSON.stringify(items ?? {}));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
  kube = await KubeClient.open({ text });
});

afterEach(async () => {
  await kube[Symbol.asyncDispose]();
  server.close();
});

function itemsAt(path: string): object | undefined {
  const list = (items: unknown[]) => ({ metadata: { resourceVersion: '1' }, items });
  const kinds = (...resources: [name: string, kind: string, namespaced: boolean][]) => ({
    resources: resources.map(([name, kind, namespaced]) => ({ name, kind, namespaced })),
  });
  const answers: Record<string, object> = {
    '/api/v1': kinds(['services', 'Service', true], ['pods', 'Pod', true]),
    '/apis/apps/v1': kinds(['deployments', 'Deployment', true]),
    '/apis/networking.k8s.io/v1': kinds(['ingressclasses', 'IngressClass', false]),
    ...(istioServed ? { '/apis/networking.istio.io/v1': kinds(['virtualservices', 'VirtualService', true]) } : {}),
    '/api/v1/services': list(services),
    '/apis/apps/v1/deployments': list(deployments),
    '/apis/networking.k8s.io/v1/ingressclasses': list(ingressClasses),
  };
  if (/^\/api\/v1\/namespaces\/[^/]+\/pods$/.test(path)) return list(pods);
  return answers[path];
}

function service(namespace: string, name: string, selector: object, ports = [80, 443]): Partial<KubeObject> {
  return {
    metadata: { namespace, name },
    spec: { selector, ports: ports.map((port) => ({ port })) },
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.10' }] } },
  };
}

function deployment(namespace: string, name: string, image: string, labels: Record<string, string>, pods = {}): object {
  return {
    metadata: { namespace, name, labels },
    spec: { template: { metadata: { labels: pods }, spec: { containers: [{ image }] } } },
  };
}

function certManager(image: string): object {
  return deployment('cert-manager', 'cert-manager', image, {
    'app.kubernetes.io/name': 'cert-manager',
    'app.kubernetes.io/component': 'controller',
  });
}

test('finds the gateway, its class and address, and the versions', async () => {
  const { gateway, gatewayAddress, gatewayApi, components } = await discover(kube, {}, signal);
  expect(gateway).toEqual({
    namespace: 'istio-system',
    service: 'istio-ingressgateway',
    selector: { istio: 'ingressgateway' },
    ingressClass: 'istio',
  });
  expect({ gatewayAddress, gatewayApi }).toEqual({ gatewayAddress: '192.0.2.10', gatewayApi: false });
  expect(components.map(({ name, version }) => [name, version])).toEqual([
    ['istiod', '1.27.1'],
    ['istio ingress gateway', 'unknown'],
    ['cert-manager-controller', 'v1.18.2'],
  ]);
});

test('leaves out the gateway of a fault that is staged in the cluster', async () => {
  const own = service('istio-system', 'istio-ingressgateway', { istio: 'ingressgateway' });
  const staged = service('fault-second-gateway', 'edge', { istio: 'edge' });
  services = [
    own,
    { ...staged, metadata: { ...staged.metadata, labels: { 'padlock.dev/fault': 'second-gateway' } } } as never,
  ];
  expect((await discover(kube, {}, signal)).gateway.service).toBe('istio-ingressgateway');
});

test('recognizes the gateway of the newer chart, and no other workload of Istio', async () => {
  services = [
    service('istio-system', 'istiod', { app: 'istiod', istio: 'pilot' }),
    service('istio-system', 'istio-egressgateway', { istio: 'egressgateway' }),
    service('ingress', 'istio-ingress', { app: 'istio-ingress', istio: 'ingress' }),
  ];
  ingressClasses = [];
  const { gateway } = await discover(kube, {}, signal);
  expect(gateway).toEqual({
    namespace: 'ingress',
    service: 'istio-ingress',
    selector: { istio: 'ingress' },
    ingressClass: null,
  });
});

test('says that there is no ingress gateway', async () => {
  services = [service('istio-system', 'istiod', { istio: 'pilot' })];
  await expect(discover(kube, {}, signal)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('has no Istio ingress gateway: no Service with ports 80 and 443'),
  });
});

test('asks which of several gateways is meant, and takes the one that is named', async () => {
  services.push(service('other', 'gateway', { istio: 'other' }));
  await expect(discover(kube, {}, signal)).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('Choose one with --gateway: istio-system/istio-ingressgateway, other/gateway'),
  });
  expect((await discover(kube, { gateway: 'other/gateway' }, signal)).gateway.namespace).toBe('other');
  await expect(discover(kube, { gateway: 'other/none' }, signal)).rejects.toThrow(
    'has no Istio ingress gateway other/none',
  );
});

test('the address of the hosts decides between several gateways', async () => {
  const other = service('other', 'gateway', { istio: 'other' });
  services.push({ ...other, status: { loadBalancer: { ingress: [{ ip: '192.0.2.77' }] } } });
  const found = (...addresses: string[]) => discover(kube, { addressesOfHosts: async () => addresses }, signal);
  expect((await found('192.0.2.77')).gateway.namespace).toBe('other');
  expect((await found('192.0.2.10')).gateway.namespace).toBe('istio-system');
  await expect(found('198.51.100.1')).rejects.toThrow(/The hosts have the addresses 198\.51\.100\.1\. Choose one with/);
});

test('finds a gateway that is injected by template, with the version of its proxy and without istiod', async () => {
  services = [
    {
      metadata: { namespace: 'edge', name: 'edge' },
      spec: {
        type: 'NodePort',
        selector: { app: 'edge' },
        ports: [
          { name: 'http2', port: 8080 },
          { name: 'https', port: 8443 },
        ],
      },
      status: {},
    },
    service('shop', 'shop', { app: 'shop' }),
  ];
  const injected = { annotations: { 'inject.istio.io/templates': 'gateway' }, labels: { app: 'edge', version: 'v1' } };
  deployments = [
    {
      metadata: { namespace: 'edge', name: 'edge' },
      spec: { template: { metadata: injected, spec: { containers: [{ image: 'auto' }] } } },
    },
    certManager('quay.io/jetstack/cert-manager-controller:v1.18.2'),
  ];
  pods = [
    {
      metadata: { namespace: 'edge', name: 'edge-1', labels: { 'istio.io/rev': 'canary' } },
      spec: { containers: [{ name: 'istio-proxy', image: 'registry.test/istio/proxyv2:1.26.3' }] },
    },
  ];
  const { gateway, gatewayAddress, components } = await discover(kube, {}, signal);
  expect(gateway).toMatchObject({ namespace: 'edge', service: 'edge', selector: { app: 'edge' } });
  expect(gatewayAddress).toBeNull();
  expect(components.map(({ name, version }) => `${name} ${version}`)).toEqual([
    'istio ingress gateway 1.26.3',
    'cert-manager-controller v1.18.2',
  ]);
});

test("takes the istiod of the gateway's revision", async () => {
  deployments.push(
    deployment('istio-system', 'istiod-canary', 'docker.io/istio/pilot:1.28.0', {
      app: 'istiod',
      'istio.io/rev': 'canary',
    }),
  );
  pods = [
    {
      metadata: { namespace: 'istio-system', name: 'gw', labels: { 'istio.io/rev': 'canary' } },
      spec: { containers: [{ name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.28.0' }] },
    },
  ];
  const { components } = await discover(kube, {}, signal);
  expect(components.find(({ name }) => name === 'istiod')?.version).toBe('1.28.0');
});

test('says that there is no cert-manager', async () => {
  deployments.pop();
  await expect(discover(kube, {}, signal)).rejects.toMatchObject({
    exitCode: 3,
    message: expect.stringContaining('has no cert-manager'),
  });
});

test("refuses a cert-manager that is older than the solver's field", async () => {
  deployments[2] = certManager('quay.io/jetstack/cert-manager-controller:v1.11.5');
  await expect(discover(kube, {}, signal)).rejects.toMatchObject({
    exitCode: 3,
    message:
      'cert-manager v1.11.5 (Deployment cert-manager/cert-manager) has no solver field ingressClassName, which came with v1.12; upgrade it.',
  });
});

test('takes an image by digest for what the label says it is', async () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  deployments[0] = deployment('istio-system', 'istiod', `registry.test:5000/pilot@${digest}`, {
    app: 'istiod',
    'app.kubernetes.io/version': '1.28.0',
  });
  const { components } = await discover(kube, {}, signal);
  expect(components[0]).toMatchObject({ version: '1.28.0', digest });
});

describe('before an installation', () => {
  const look = (...parts: InstallPart[]) => discoverBeforeInstall(kube, {}, parts, signal);

  test('rejects a component that is already installed, and names its place', async () => {
    await expect(look('istio')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('already has istio (Deployment istio-system/istiod, 1.27.1): leave istio out'),
    });
    await expect(look('cert-manager', 'pebble')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('already has cert-manager (Deployment cert-manager/'),
    });
  });

  test('refuses definitions that were left', async () => {
    deployments = [];
    istioServed = true;
    await expect(look('istio', 'cert-manager')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('virtualservices.networking.istio.io): remove it, or leave istio out'),
    });
  });

  test('misses what is neither there nor to be installed', async () => {
    deployments = [];
    await expect(look('pebble')).rejects.toThrow('has no cert-manager');
    services = [];
    await expect(look('cert-manager')).rejects.toThrow('has no Istio ingress gateway');
  });

  test('reports the place of the gateway', async () => {
    expect(await look('pebble')).toBe('istio-system');
    [services, deployments] = [[service('ingress', 'gateway', { istio: 'ingress' })], []];
    expect(await look('cert-manager')).toBe('ingress');
    expect(await look('istio', 'cert-manager')).toBe('istio-system');
  });
});
