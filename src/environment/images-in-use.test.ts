import { expect, test } from 'vitest';
import type { KubeObject } from '../kube/kube-object.ts';
import { imagesInUse } from './images-in-use.ts';

const digest = (character: string) => `sha256:${character.repeat(64)}`;

function pod(...statuses: readonly { readonly image: string; readonly imageID: string }[]): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'b' },
    status: { containerStatuses: statuses },
  };
}

test('an image is identified by its node and its source', () => {
  const pulled = 'quay.io/jetstack/cert-manager-controller:v1.20.2';
  const own = 'docker.io/istio/pilot:1.31-dev';
  const foreign = 'docker.io/istio/proxyv2:1.30.1';
  const pods = [
    pod({ image: pulled, imageID: `quay.io/jetstack/cert-manager-controller@${digest('a')}` }),
    pod({ image: own, imageID: digest('f') }, { image: foreign, imageID: digest('e') }),
    pod({ image: pulled, imageID: '' }),
  ];
  const archived = new Map([
    [own, digest('b')],
    [foreign, digest('c')],
  ]);
  const built = new Map([
    [own, digest('b')],
    [foreign, digest('d')],
  ]);
  expect(imagesInUse(pods, { archived, own: built })).toEqual([
    { name: 'image docker.io/istio/pilot', version: '1.31-dev', source: 'built here', digest: digest('b') },
    {
      name: 'image docker.io/istio/proxyv2',
      version: '1.30.1',
      source: 'loaded from an image archive',
      digest: digest('c'),
    },
    {
      name: 'image quay.io/jetstack/cert-manager-controller',
      version: 'v1.20.2',
      source: 'pulled, or of the node image',
      digest: digest('a'),
    },
  ]);
});

test('a Pod that has not begun, and an image without a tag', () => {
  const waiting: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'b' } };
  const none = { archived: new Map(), own: new Map() };
  expect(imagesInUse([waiting, pod({ image: 'localhost:5000/a', imageID: '' })], none)).toEqual([
    { name: 'image localhost:5000/a', version: 'latest', source: 'pulled, or of the node image', digest: null },
  ]);
});
