import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeToDisk } from '../write-to-disk.ts';
import { withBuildLock } from './build-lock.ts';
import { cacheFolder } from './cache-folder.ts';
import type { Component } from './component.ts';
import { Components, type Image } from './components.ts';
import { ensureGo } from './go-toolchain.ts';
import { imageKey, imageRecipes } from './images.ts';
import { type ImageRecipe, writeOciImage } from './oci-image.ts';
import { type OutputRecord, readOutputRecord, writeOutputRecord } from './output-record.ts';
import { makeComponent, type Workshop } from './run-recipe.ts';
import { foundOutputs, type Selection, type Slot, slotsOf } from './selection.ts';

/** Progress of one component's build. Times in milliseconds. */
export type BuildEvent =
  | { readonly event: 'cached'; readonly id: string }
  /** Its files were copied or touched since they were built: they are read to see whether they changed. */
  | { readonly event: 'reading'; readonly id: string; readonly bytes: number }
  | { readonly event: 'damaged'; readonly id: string; readonly files: readonly string[] }
  | { readonly event: 'waiting' }
  | { readonly event: 'installing'; readonly what: string }
  | { readonly event: 'started'; readonly id: string; readonly expectedMs: number }
  | { readonly event: 'finished'; readonly id: string; readonly elapsedMs: number };

interface BuildOptions extends Selection {
  /** Also rebuild what is in the cache. */
  readonly force?: boolean;
  readonly signal: AbortSignal;
  onProgress(event: BuildEvent): void;
}

interface Finished {
  readonly folder: string;
  readonly record: OutputRecord;
}

/** Two at a time: one links on one core while the other compiles. */
const lanes = 2;

/**
 * Builds what is not in the cache and returns everything. Outputs appear in the cache completely or not at all, so an interrupted build
 * continues from Go's own cache.
 *
 * @throws UserError (2) for an unknown component, (3) for a failed build, with component, command and log, or without Go
 */
export async function buildComponents(options: BuildOptions): Promise<Components> {
  const { only, force = false, signal, onProgress } = options;
  const cache = cacheFolder();
  const finished = new Map<string, Finished>();
  const missing: Slot[] = [];
  for (const slot of await slotsOf(options, cache)) {
    const found = force ? null : await usable(slot.component.id, slot.folder, onProgress);
    if (found) finished.set(slot.component.id, found);
    else missing.push(slot);
  }
  if (missing.length > 0) {
    await withBuildLock(
      cache,
      signal,
      () => onProgress({ event: 'waiting' }),
      async () => {
        const queue = [...missing];
        const stop = new AbortController();
        const inLanes = AbortSignal.any([signal, stop.signal]);
        const onInstalling = (what: string) => onProgress({ event: 'installing', what });
        let workshop: Promise<Workshop> | undefined;
        // Only when something is built: a component that another process has built in the meantime needs no Go.
        const opened = () => {
          workshop ??= ensureGo({ cache, signal: inLanes, onInstalling }).then((go) => ({
            ...{ cache, go, signal: inLanes, onInstalling },
          }));
          return workshop;
        };
        const work = async () => {
          for (let slot = queue.shift(); slot; slot = queue.shift()) {
            const { component, folder } = slot;
            // Another process may have built it while this one waited for the lock.
            const found = force ? null : await usable(component.id, folder, () => {});
            finished.set(component.id, found ?? (await make(component, folder, await opened(), onProgress)));
          }
        };
        // Wait for both lanes, so that no build is left running. The first failure is reported.
        await Promise.allSettled(
          Array.from({ length: lanes }, () => work().catch((error: unknown) => stop.abort(error))),
        );
        signal.throwIfAborted();
        stop.signal.throwIfAborted();
      },
    );
  }
  const files = new Map(
    [...finished].flatMap(([id, { folder, record }]) =>
      record.outputs.map(({ path, sha256 }) => [join(folder, path), { component: id, sha256 }] as const),
    ),
  );
  if (only !== undefined) return new Components(cache, files, []);
  const images = await makeImages(new Components(cache, files, []), cache, options);
  return new Components(cache, files, images);
}

/** A component's outputs in the cache if they are intact, else null. Damage is reported. */
async function usable(id: string, folder: string, onProgress: (event: BuildEvent) => void): Promise<Finished | null> {
  const found = await foundOutputs(folder, (bytes) => onProgress({ event: 'reading', id, bytes }));
  if (found === null) return null;
  const { record, damaged } = found;
  if (damaged.length === 0) {
    onProgress({ event: 'cached', id });
    return { folder, record };
  }
  onProgress({ event: 'damaged', id, files: damaged });
  return null;
}

async function inNewFolder(target: string, fill: (folder: string) => Promise<void>): Promise<Finished> {
  const parent = join(target, '..');
  await mkdir(parent, { recursive: true });
  for (const entry of await readdir(parent)) {
    if (entry.startsWith('.unfinished-')) await rm(join(parent, entry), { recursive: true, force: true });
  }
  const unfinished = join(parent, `.unfinished-${process.pid}`);
  await mkdir(unfinished);
  try {
    await fill(unfinished);
    await writeOutputRecord(unfinished);
    await writeToDisk(unfinished);
    if (existsSync(target)) await rm(target, { recursive: true });
    await rename(unfinished, target);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  const record = await readOutputRecord(target);
  if (record === null) throw new Error(`${target} has no output record`);
  return { folder: target, record };
}

async function make(
  component: Component,
  target: string,
  workshop: Workshop,
  onProgress: (event: BuildEvent) => void,
): Promise<Finished> {
  const started = performance.now();
  onProgress({ event: 'started', id: component.id, expectedMs: component.expectedSeconds * 1000 });
  const logs = join(workshop.cache, 'logs');
  await mkdir(logs, { recursive: true });
  const log = join(logs, `build-${component.id}.log`);
  await rm(log, { force: true });
  const finished = await inNewFolder(target, (folder) => makeComponent(component, folder, log, workshop));
  onProgress({ event: 'finished', id: component.id, elapsedMs: Math.round(performance.now() - started) });
  return finished;
}

function archiveName({ name }: ImageRecipe): string {
  return `${name.slice(name.lastIndexOf('/') + 1).replace(':', '-')}.tar`;
}

async function makeImages(components: Components, cache: string, options: BuildOptions): Promise<readonly Image[]> {
  const { signal, onProgress } = options;
  const images: Image[] = [];
  for (const recipe of await imageRecipes(components, options.besides)) {
    signal.throwIfAborted();
    const key = await imageKey(recipe, (file) => components.digestOfFile(file));
    const folder = join(cache, 'images', key);
    const found =
      (await usable(recipe.name, folder, (event) => event.event !== 'cached' && onProgress(event))) ??
      (await withBuildLock(
        cache,
        signal,
        () => onProgress({ event: 'waiting' }),
        async () =>
          // Another process may have built it in the meantime, and be reading it.
          (await usable(recipe.name, folder, () => {})) ??
          (await inNewFolder(folder, async (unfinished) => {
            await writeOciImage(recipe, join(unfinished, archiveName(recipe)));
          })),
      ));
    const [archive] = found.record.outputs;
    if (!archive) throw new Error(`${folder} contains no image`);
    images.push({ name: recipe.name, archive: join(folder, archive.path), digest: `sha256:${archive.sha256}`, key });
  }
  return images;
}
