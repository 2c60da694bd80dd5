import { expect, test } from 'vitest';
import { choosePlatform, describeChosen, pinnedParts } from './platform-versions.ts';

const { signal } = new AbortController();

test('all versions are pinned by default', async () => {
  expect(await choosePlatform({}, signal)).toEqual(pinnedParts);
});

test.each([
  [{ istio: 'latest' }, '--istio latest is not a version. Example: 1.30.1.'],
  [{ certManager: '1.21' }, '--cert-manager 1.21 is not a version. Example: v1.21.2.'],
  [{ gatewayApi: 'v1' }, '--gateway-api v1 is not a version. Example: v1.6.3.'],
])('%j is refused', async (versions, sentence) => {
  await expect(choosePlatform(versions, signal)).rejects.toThrow(sentence);
});

test('a report names what was chosen by its module and hash', () => {
  const module = { module: 'sigs.k8s.io/gateway-api', version: 'v1.5.1', folder: '/f', sum: 'h1:abc' };
  expect(describeChosen({ ...pinnedParts, gatewayApi: { module, tag: 'v1.5.1' } })).toEqual([
    { name: 'sigs.k8s.io/gateway-api', version: 'v1.5.1', source: 'its Go module', digest: 'h1:abc' },
  ]);
});
