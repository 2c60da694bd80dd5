import { afterEach, beforeEach, expect, test } from 'vitest';
import { ApiServerFixture } from '../../kube/api-server-fixture.ts';
import { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { removeInstalled } from './remove-installed.ts';

const [rbac, admission, extensions, coordination, gatewayApi] = [
  'rbac.authorization.k8s.io/v1',
  'admissionregistration.k8s.io/v1',
  'apiextensions.k8s.io/v1',
  'coordination.k8s.io/v1',
  'gateway.networking.k8s.io/v1',
];
const run = { 'padlock.dev/run': 'run-a' };
const kinds = [
  { apiVersion: extensions, kind: 'CustomResourceDefinition', namespace: null },
  { apiVersion: rbac, kind: 'ClusterRole', namespace: null },
  { apiVersion: rbac, kind: 'Role', namespace: 'kube-system' },
  { apiVersion: admission, kind: 'MutatingWebhookConfiguration', namespace: null },
];
let server: ApiServerFixture;
let kube: KubeClient;

beforeEach(async () => {
  const resource = (apiVersion: string, kind: string, namespaced = false) => ({
    apiVersion,
    kind,
    plural: `${kind.toLowerCase()}s`,
    namespaced,
  });
  server = await ApiServerFixture.start(
    resource('v1', 'Namespace'),
    resource('v1', 'ConfigMap', true),
    resource(extensions, 'CustomResourceDefinition'),
    resource(rbac, 'ClusterRole'),
    resource(rbac, 'Role', true),
    resource(admission, 'MutatingWebhookConfiguration'),
    resource(coordination, 'Lease', true),
    resource(gatewayApi, 'GatewayClass'),
  );
  kube = await KubeClient.open(server.kubeconfig);
  for (const [index, labels] of [run, { 'padlock.dev/run': 'run-b' }].entries()) {
    for (const { apiVersion, kind, namespace } of kinds)
      put(apiVersion, kind, `of-${index}`, namespace ?? undefined, labels);
  }
  for (const name of ['istio-system', 'cert-manager']) put('v1', 'Namespace', name, undefined, run);
  put('v1', 'Namespace', 'shop');
  put('v1', 'ConfigMap', 'istio-ca-root-cert', 'shop', { 'istio.io/config': 'true' });
  put('v1', 'ConfigMap', 'settings', 'shop', { 'istio.io/config': 'true' });
  put(coordination, 'Lease', 'cert-manager-controller', 'kube-system');
  put(coordination, 'Lease', 'kube-scheduler', 'kube-system');
  put(gatewayApi, 'GatewayClass', 'istio', undefined, {}, { controllerName: 'istio.io/gateway-controller' });
  put(gatewayApi, 'GatewayClass', 'other', undefined, {}, { controllerName: 'example.com/gateway-controller' });
});

afterEach(async () => {
  await kube[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function put(apiVersion: string, kind: string, name: string, namespace?: string, labels = {}, spec = {}): KubeObject {
  return server.put({ apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}), labels }, spec });
}

function removed(): readonly string[] {
  return server.requests.flatMap((request) => /^DELETE .*\/(\w+\/[\w-]+)$/.exec(request)?.[1] ?? []);
}

test('removes what has the label of the run and what Istio and cert-manager made, webhooks first and definitions last', async () => {
  await removeInstalled(kube, 'run-a', { parts: ['istio', 'cert-manager'], kinds });
  expect(removed()).toEqual([
    'mutatingwebhookconfigurations/of-0',
    'namespaces/istio-system',
    'namespaces/cert-manager',
    'configmaps/istio-ca-root-cert',
    'gatewayclasss/istio',
    'leases/cert-manager-controller',
    'clusterroles/of-0',
    'roles/of-0',
    'customresourcedefinitions/of-0',
  ]);
  await removeInstalled(kube, 'run-a', { parts: ['istio', 'cert-manager'], kinds });
  expect(removed()).toHaveLength(9);
});

test('leaves Istio and cert-manager alone if only Pebble was installed', async () => {
  for (const name of ['istio-system', 'cert-manager']) put('v1', 'Namespace', name);
  await removeInstalled(kube, 'run-a', { parts: ['pebble'], kinds: [] });
  expect(removed()).toEqual([]);
});

test('takes a kind that went with its definition for nothing left', async () => {
  await kube.list({ apiVersion: gatewayApi, kind: 'GatewayClass' });
  server.resources.splice(
    server.resources.findIndex(({ kind }) => kind === 'GatewayClass'),
    1,
  );
  await removeInstalled(kube, 'run-a', { parts: ['istio'], kinds: [] });
  expect(removed()).toContain('configmaps/istio-ca-root-cert');
});
