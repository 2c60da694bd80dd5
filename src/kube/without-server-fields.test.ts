import { expect, test } from 'vitest';
import { withoutServerFields } from './without-server-fields.ts';

const kind = { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' };
const spec = { controller: 'istio.io/ingress-controller' };

test('keeps what a user wrote, and nothing that the API server adds', () => {
  const own = { name: 'istio', labels: { app: 'istio' }, annotations: { note: 'ours' } };
  const added = { uid: 'a-uid', resourceVersion: '7', generation: 1, creationTimestamp: '2026-11-24T09:00:00Z' };
  const found = { ...kind, metadata: { ...own, ...added, managedFields: [] }, spec, status: {} };
  expect(withoutServerFields(found)).toStrictEqual({ ...kind, metadata: own, spec });
});

test('adds no labels, annotations or namespace', () => {
  const found = { ...kind, metadata: { name: 'istio' }, spec };
  expect(withoutServerFields(found)).toStrictEqual(found);
});
