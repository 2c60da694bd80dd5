import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Component } from './component.ts';
import { componentKey, sourceFiles } from './component-key.ts';

const component: Component = {
  id: 'example',
  source: 'example.test/example',
  version: 'v1.2.3',
  expectedSeconds: 1,
  recipes: [{ kind: 'go', programs: { '.': 'example' }, tags: 'one' }],
};
const toolchain = 'go1.26.0 linux/amd64';
let folder: string;
let before: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'padlock-key-'));
  await mkdir(join(folder, 'internal'));
  await writeFile(join(folder, 'main.go'), 'package main\n');
  await writeFile(join(folder, 'internal', 'part.go'), 'package internal\n');
  before = await componentKey(component, toolchain, folder);
});

afterEach(() => rm(folder, { recursive: true }));

test('is the same for the same inputs', async () => {
  expect(before).toMatch(/^[0-9a-f]{32}$/);
  expect(await componentKey(component, toolchain, folder)).toBe(before);
});

test.each([
  ['main.go', 'package main // changed\n'],
  ['internal/part.go', 'package internal // changed\n'],
  ['go.sum', 'a new file\n'],
])('changes with %s', async (file, content) => {
  await writeFile(join(folder, file), content);
  expect(await componentKey(component, toolchain, folder)).not.toBe(before);
});

test('changes when a file gets another name', async () => {
  await rename(join(folder, 'main.go'), join(folder, 'start.go'));
  expect(await componentKey(component, toolchain, folder)).not.toBe(before);
});

test.each(['README.md', 'main_test.go', 'internal/NOTES.md'])('does not change with %s', async (file) => {
  await writeFile(join(folder, file), 'changed\n');
  expect(await componentKey(component, toolchain, folder)).toBe(before);
});

test('changes with a flag, the version and the toolchain', async () => {
  const flag: Component = { ...component, recipes: [{ kind: 'go', programs: { '.': 'example' }, tags: 'two' }] };
  const keys = await Promise.all([
    componentKey(flag, toolchain, folder),
    componentKey({ ...component, version: 'v1.2.4' }, toolchain, folder),
    componentKey(component, 'go1.26.1 linux/amd64', folder),
    componentKey(component, 'go1.26.0 linux/arm64', folder),
  ]);
  expect(new Set([before, ...keys]).size).toBe(5);
});

test('does not depend on texts for the progress and the report', async () => {
  expect(await componentKey({ ...component, expectedSeconds: 9, notUpstream: 'No.' }, toolchain, folder)).toBe(before);
});

test('takes the files of a variant from what it stands in for, except those of its own', async () => {
  const files = await sourceFiles({ id: 'cert-manager-1.20', variantOf: 'cert-manager' });
  expect(files.get('go.mod')).toMatch(/cert-manager-1\.20\/go\.mod$/);
  expect(files.get('controller/main.go')).toMatch(/cert-manager\/controller\/main\.go$/);
  const own = await sourceFiles({ id: 'cert-manager' });
  expect([...own.values()].filter((file) => file.includes('cert-manager-1.20'))).toEqual([]);
});
