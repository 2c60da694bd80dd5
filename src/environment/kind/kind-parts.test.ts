import { expect, test } from 'vitest';
import { notUpstreamOf } from './kind-parts.ts';

const proxy = { name: 'image docker.io/istio/proxyv2', version: '1.31', source: 'built here', digest: 'sha256:a' };
const pulled = {
  name: 'image quay.io/jetstack/cert-manager-webhook',
  version: 'v1.21.2',
  source: 'pulled',
  digest: null,
};

test('of images that Padlock built, what their components say', () => {
  const digests = new Map([['docker.io/istio/proxyv2:1.31', 'sha256:a']]);
  const notes = notUpstreamOf([proxy, pulled], { archived: digests, own: digests });
  expect(notes).toEqual([expect.stringMatching(/^Istio is /), expect.stringMatching(/^The proxy is upstream Envoy/)]);
});

test('images of foreign origin in an archive are unknown', () => {
  const archived = new Map([['docker.io/istio/proxyv2:1.31', 'sha256:b']]);
  expect(notUpstreamOf([proxy, pulled], { archived, own: new Map() })).toEqual([
    'Loaded from image archives, with contents unknown to Padlock: docker.io/istio/proxyv2:1.31.',
  ]);
});

test('of what was pulled, nothing', () => {
  expect(notUpstreamOf([proxy, pulled], { archived: new Map(), own: new Map() })).toEqual([]);
});
