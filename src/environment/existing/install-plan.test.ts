import { expect, test } from 'vitest';
import type { KubeObject } from '../../kube/kube-object.ts';
import { chosenObjects, kindsToRemove, needsComponents, outsideOwnNamespaces } from './install-plan.ts';

function object(apiVersion: string, kind: string, name: string, namespace?: string): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

const rbac = 'rbac.authorization.k8s.io/v1';
const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'httproutes');
const ingressClass = object('networking.k8s.io/v1', 'IngressClass', 'istio');
const manifests = {
  gatewayApi: [definition],
  istio: [
    object('v1', 'Namespace', 'istio-system'),
    object('apps/v1', 'Deployment', 'istiod', 'istio-system'),
    object(rbac, 'ClusterRole', 'istiod'),
    object(rbac, 'ClusterRole', 'istiod-gateway'),
  ],
  certManager: [
    object('v1', 'Namespace', 'cert-manager'),
    object(rbac, 'Role', 'cert-manager:leaderelection', 'kube-system'),
    object(rbac, 'Role', 'cert-manager-tokenrequest', 'cert-manager'),
  ],
  ingressClass: [ingressClass],
};

test('components are only for what is rendered', () => {
  expect(needsComponents(['pebble'])).toBe(false);
  expect(needsComponents(['istio'])).toBe(true);
  expect(needsComponents(['cert-manager', 'pebble'])).toBe(true);
});

test('chooses the parts that are wanted, each object with the label of the run', () => {
  const chosen = chosenObjects(manifests, ['cert-manager'], 'run-a', () => false);
  expect([chosen.istio, chosen.ingressClass]).toEqual([[], []]);
  expect(chosen.gatewayApi.map(({ metadata }) => metadata.name)).toEqual(['httproutes']);
  for (const { metadata } of chosen.certManager) expect(metadata.labels).toEqual({ 'padlock.dev/run': 'run-a' });
});

test('lets Pods end at once, which their namespace would wait for', () => {
  const istiod = {
    ...object('apps/v1', 'Deployment', 'istiod', 'istio-system'),
    spec: {
      replicas: 1,
      template: { metadata: { labels: { app: 'istiod' } }, spec: { serviceAccountName: 'istiod' } },
    },
  };
  const [chosen] = chosenObjects({ ...manifests, istio: [istiod] }, ['istio'], 'run-a', () => false).istio;
  expect(chosen?.spec).toEqual({
    replicas: 1,
    template: {
      metadata: { labels: { app: 'istiod' } },
      spec: { serviceAccountName: 'istiod', terminationGracePeriodSeconds: 1 },
    },
  });
});

test('leaves an existing Gateway API and IngressClass unchanged', () => {
  const chosen = chosenObjects(manifests, ['istio'], 'run-a', ({ kind }) => kind !== 'Deployment');
  expect([chosen.gatewayApi, chosen.ingressClass, chosen.certManager]).toEqual([[], [], []]);
  expect(chosen.istio).toHaveLength(4);
});

test('names each kind that conflicts with a separate namespace once', () => {
  const all = Object.values(manifests).flat();
  expect(outsideOwnNamespaces(all).map(({ metadata }) => metadata.name)).toEqual([
    'httproutes',
    'istio-system',
    'istiod',
    'istiod-gateway',
    'cert-manager',
    'cert-manager:leaderelection',
    'istio',
  ]);
  expect(kindsToRemove(all)).toEqual([
    { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', namespace: null },
    { apiVersion: rbac, kind: 'ClusterRole', namespace: null },
    { apiVersion: rbac, kind: 'Role', namespace: 'kube-system' },
    { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', namespace: null },
  ]);
});
