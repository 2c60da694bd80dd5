import { expect, test } from 'vitest';
import type { KubeObject } from '../../../kube/kube-object.ts';
import { asNew, isDropped, keyOf, remainderOf } from './state-objects.ts';

const cell = { nodeName: 'padlock-c', subnet: '10.231.7' };

test.each([
  '/registry/secrets/istio-system/istio-ca-secret',
  '/registry/leases/kube-system/cert-manager-controller',
  '/registry/minions/padlock-c',
  '/registry/masterleases/10.231.7.5',
  '/registry/configmaps/kube-system/extension-apiserver-authentication',
])('%s is left out', (key) => {
  expect(isDropped(key, Buffer.from('{}'))).toBe(true);
});

test('the lock of a leader that is gone is left out', () => {
  const lock = Buffer.from('annotations control-plane.alpha.kubernetes.io/leader {"holderIdentity":"istiod-1"}');
  expect(isDropped('/registry/configmaps/istio-system/istio-leader', lock)).toBe(true);
  expect(isDropped('/registry/configmaps/istio-system/istio', Buffer.from('mesh: {}'))).toBe(false);
});

test.each([
  { value: 'status 10.231.7.65', what: 'an address of 10.231.7.0/24' },
  { value: '{"nodeName":"padlock-c"}', what: 'the name of the node padlock-c' },
  { value: '\u0052\u0009padlock-c', what: 'the name of the node padlock-c' },
  { value: '-----BEGIN RSA PRIVATE KEY-----', what: 'a certificate or private key' },
  { value: Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64'), what: 'a certificate or private key' },
])('$what is found in $value', ({ value, what }) => {
  expect(remainderOf(Buffer.from(value), cell)).toBe(what);
});

test('longer names and other subnets are not mistaken for those of the cell', () => {
  for (const value of ['"padlock-cell-ca"', '\u0052\u000fpadlock-cell-ca', '10.231.70.5', 'padlock-c']) {
    expect(remainderOf(Buffer.from(value), cell), value).toBeNull();
  }
});

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'istiod-1',
    namespace: 'istio-system',
    uid: 'old',
    resourceVersion: '7',
    creationTimestamp: '2030-01-01T00:00:00Z',
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'istiod', uid: 'owner' }],
  },
  spec: { nodeName: 'padlock-c', containers: [{ name: 'discovery' }] },
  status: { phase: 'Running', qosClass: 'Burstable', podIP: '10.244.0.7', hostIP: '10.231.7.5' },
};

test('a Pod is bound to the node of its cell and has not started', () => {
  const fresh = asNew(pod);
  expect(fresh?.spec).toMatchObject({ nodeName: '@@padlock node-name@@', containers: [{ name: 'discovery' }] });
  expect(fresh?.status).toEqual({
    phase: 'Pending',
    qosClass: 'Burstable',
    conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '@@padlock now@@' }],
  });
  expect(fresh?.metadata).toMatchObject({ uid: '@@padlock uid@@', creationTimestamp: '@@padlock now@@' });
  expect(fresh?.metadata.resourceVersion).toBeUndefined();
});

test.each([
  { why: 'on its way out', pod: { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' } } },
  { why: 'of no ReplicaSet', pod: { ...pod, metadata: { ...pod.metadata, ownerReferences: [] } } },
  { why: 'that failed', pod: { ...pod, status: { phase: 'Failed' } } },
])('a Pod $why is left out', ({ pod: unwanted }) => {
  expect(asNew(unwanted)).toBeNull();
});

test('a Deployment is not Available before its Pods are', () => {
  const deployment = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'istiod', namespace: 'istio-system', uid: 'kept' },
    status: { conditions: [{ type: 'Available', status: 'True' }] },
  };
  const fresh = asNew(deployment);
  expect(fresh?.status).toEqual({});
  // ReplicaSets and Pods refer to it.
  expect(fresh?.metadata.uid).toBe('kept');
});

test('keys are as the API server makes them', () => {
  expect(keyOf('pods', pod)).toBe('/registry/pods/istio-system/istiod-1');
  expect(keyOf('mutatingwebhookconfigurations', { apiVersion: 'v1', kind: 'X', metadata: { name: 'a' } })).toBe(
    '/registry/mutatingwebhookconfigurations/a',
  );
});
