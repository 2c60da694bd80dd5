import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { imageKey, imageRecipes } from './images.ts';
import type { ImageRecipe } from './oci-image.ts';

let folder: string;
let recipe: ImageRecipe;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-images-'));
  await writeFile(join(folder, 'program'), 'a program');
  recipe = {
    name: 'docker.io/example/part:1.2.3',
    files: { '/usr/bin/part': join(folder, 'program') },
    entrypoint: ['/usr/bin/part'],
    user: '1000:1000',
  };
});

afterEach(() => rm(folder, { recursive: true }));

const readFiles = () => undefined;

test('keeps the key for equal content, whether its digest is known or computed', async () => {
  const digest = createHash('sha256').update('a program').digest('hex');
  const key = await imageKey(recipe, readFiles);
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(await imageKey(recipe, () => digest)).toBe(key);
  const moved = join(folder, 'moved');
  await writeFile(moved, 'a program');
  expect(await imageKey({ ...recipe, files: { '/usr/bin/part': moved } }, readFiles)).toBe(key);
});

test('changes the key with the content and with each part of the recipe', async () => {
  const program = join(folder, 'program');
  const keys = [
    await imageKey(recipe, readFiles),
    await imageKey({ ...recipe, name: 'docker.io/example/part:1.2.4' }, readFiles),
    await imageKey({ ...recipe, user: '0:0' }, readFiles),
    await imageKey({ ...recipe, entrypoint: ['/usr/bin/part', 'serve'] }, readFiles),
    await imageKey({ ...recipe, files: { '/bin/part': program } }, readFiles),
  ];
  await writeFile(program, 'b program');
  keys.push(await imageKey(recipe, readFiles));
  expect(new Set(keys).size).toBe(keys.length);
});

test('makes images under upstream names, with the shared libraries that the proxy needs', async () => {
  // Node stands for Envoy here: any program that is linked dynamically.
  const recipes = await imageRecipes({
    binary: (name) => (name === 'envoy' ? process.execPath : `/built/${name}`),
    file: (name) => `/built/${name}`,
  });
  const names = recipes.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, entrypoint, files, user } of recipes) {
    expect(name).toMatch(/^[a-z0-9.]+\/[a-z0-9/-]+:\S+$/);
    expect(Object.keys(files)).toContain(entrypoint[0]);
    expect(user).toMatch(/^\d+:\d+$/);
  }
  expect(names.filter((name) => name.includes('cert-manager')).map((name) => name.split(':')[0])).toEqual([
    'quay.io/jetstack/cert-manager-controller',
    'quay.io/jetstack/cert-manager-webhook',
    'quay.io/jetstack/cert-manager-cainjector',
    'quay.io/jetstack/cert-manager-acmesolver',
  ]);
  const proxy = recipes.find(({ name }) => name.includes('/proxyv2:'));
  expect(Object.keys(proxy?.files ?? {}).map((path) => basename(path))).toContainEqual(
    expect.stringMatching(/^libc\.|^ld-musl/),
  );
});

test('makes the images of an optional component only on request', async () => {
  const built = { binary: () => process.execPath, file: (name: string) => `/built/${name}` };
  const names = async (besides?: string[]) => (await imageRecipes(built, besides)).map(({ name }) => name);
  const usual = await names();
  const more = await names(['gateway-api-conformance']);
  expect(more.slice(0, usual.length)).toEqual(usual);
  expect(more.slice(usual.length).map((name) => name.split(':')[0])).toEqual([
    ...Array.from({ length: 3 }, () => 'registry.k8s.io/gateway-api/echo-basic'),
    'registry.k8s.io/coredns/coredns',
  ]);
});
