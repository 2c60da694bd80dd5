import { expect, test } from 'vitest';
import { Components } from '../components/index.ts';
import { choosePlatform, pinnedParts } from './platform-versions.ts';

const components = new Components('/nowhere', new Map(), []);
const { signal } = new AbortController();

test('without a choice all is pinned', async () => {
  expect(await choosePlatform({}, components, signal)).toEqual(pinnedParts);
});

test.each([
  [{ istio: 'latest' }, '--istio latest is not a version; give one like 1.30.1.'],
  [{ certManager: '1.21' }, '--cert-manager 1.21 is not a version; give one like v1.21.2.'],
  [{ gatewayApi: 'v1' }, '--gateway-api v1 is not a version; give one like v1.6.3.'],
])('%j is refused', async (versions, sentence) => {
  await expect(choosePlatform(versions, components, signal)).rejects.toThrow(sentence);
});
