import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { componentsFolder } from './catalogue.ts';
import type { Component } from './component.ts';

/** Increased when the builder makes different outputs from the same inputs. */
const builderVersion = 1;

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = await Promise.all(
    entries.map((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)])),
  );
  return files.flat().sort();
}

/**
 * The files from which a component is built, by their names in its folder: those of a variant, and of what it stands in for those
 * that it does not replace.
 */
export async function sourceFiles(
  { id, variantOf }: Pick<Component, 'id' | 'variantOf'>,
  folder = join(componentsFolder, id),
): Promise<ReadonlyMap<string, string>> {
  const named = async (below: string) =>
    (await filesBelow(below)).map((file) => [relative(below, file), file] as const);
  const replaced = variantOf === undefined ? [] : await named(join(componentsFolder, variantOf));
  return new Map([...replaced, ...(await named(folder))]);
}

/**
 * The key of a component's outputs: SHA-256 over everything that they depend on. Tests and prose in its folder do not
 * count.
 *
 * @param toolchain the compiler, e.g. `go1.26.8 linux/amd64`
 */
export async function componentKey(
  component: Component,
  toolchain: string,
  folder = join(componentsFolder, component.id),
): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ builderVersion, toolchain, recipes: component.recipes, version: component.version }));
  for (const [name, file] of await sourceFiles(component, folder)) {
    if (/_test\.go$|\.md$/.test(file)) continue;
    hash.update(`\0${name}\0`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 32);
}
