import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { KubeObject } from '../kube/kube-object.ts';
import { cachedManifests } from './manifest-cache.ts';

const objects: readonly KubeObject[] = [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system' } }];
let folder: string;
let rendered: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-manifests-'));
  rendered = 0;
});

afterEach(() => rm(folder, { recursive: true }));

async function render(): Promise<readonly KubeObject[]> {
  rendered += 1;
  return objects;
}

test('renders once for the same inputs', async () => {
  expect(await cachedManifests(folder, ['chart', 'values'], render)).toEqual(objects);
  expect(await cachedManifests(folder, ['chart', 'values'], render)).toEqual(objects);
  expect(rendered).toBe(1);
});

test('renders again for other inputs, even if their concatenation is equal', async () => {
  await cachedManifests(folder, ['chart', 'values'], render);
  await cachedManifests(folder, ['chart', 'other values'], render);
  await cachedManifests(folder, ['chartvalues'], render);
  await cachedManifests(folder, ['char', 'tvalues'], render);
  expect(rendered).toBe(4);
});

test('keeps nothing of a rendering that failed', async () => {
  const failing = cachedManifests(folder, ['chart'], async () => {
    throw new Error('the chart is broken');
  });
  await expect(failing).rejects.toThrow('the chart is broken');
  expect(await cachedManifests(folder, ['chart'], render)).toEqual(objects);
});

test('supports two concurrent renderings of the same input, and leaves one file', async () => {
  const both = await Promise.all([cachedManifests(folder, ['a'], render), cachedManifests(folder, ['a'], render)]);
  expect(both).toEqual([objects, objects]);
  expect(await readdir(join(folder, 'manifests'))).toHaveLength(1);
});

test('renders again if the cached file is not JSON', async () => {
  await cachedManifests(folder, ['a'], render);
  const [file = ''] = await readdir(join(folder, 'manifests'));
  await writeFile(join(folder, 'manifests', file), '[{"apiVersion":');
  expect(await cachedManifests(folder, ['a'], render)).toEqual(objects);
  expect(rendered).toBe(2);
});
