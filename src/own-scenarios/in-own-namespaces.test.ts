import { expect, test } from 'vitest';
import { parseManifest } from '../kube/manifests.ts';
import { inOwnNamespaces } from './in-own-namespaces.ts';

const scope = {
  namespaces: ['shop-1', 'istio-system'],
  changesClusterWide: false,
  isNamespaced: async ({ kind }: { readonly kind: string }) => kind !== 'ClusterIssuer',
};

function objects(text: string) {
  return parseManifest(text, '/mine/a.yaml');
}

test('an object without a namespace goes to the own one, and a listed namespace stays', async () => {
  const placed = await inOwnNamespaces(
    objects(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: b, namespace: istio-system }\n',
    ),
    scope,
  );
  expect(placed.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
    'shop-1/a',
    'istio-system/b',
  ]);
});

test('an object in any other namespace is refused, with its line', async () => {
  const outside = objects('# Prices.\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, namespace: default }\n');
  await expect(inOwnNamespaces(outside, scope)).rejects.toMatchObject({
    exitCode: 2,
    message:
      'It applies ConfigMap default/a outside its namespaces (/mine/a.yaml:2): use $' +
      '{namespace}, or add default to its namespaces, which are shop-1, istio-system.',
  });
});

test('an object of the whole cluster is refused unless the scenario says that it changes it', async () => {
  const clusterWide = objects('apiVersion: cert-manager.io/v1\nkind: ClusterIssuer\nmetadata: { name: a }\n');
  await expect(inOwnNamespaces(clusterWide, scope)).rejects.toThrow(
    'It applies ClusterIssuer a, which belongs to the whole cluster (/mine/a.yaml:1): say in changesClusterWide what the scenario changes, or leave the object out.',
  );
  expect(await inOwnNamespaces(clusterWide, { ...scope, changesClusterWide: true })).toEqual(clusterWide);
});
