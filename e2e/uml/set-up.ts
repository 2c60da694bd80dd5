import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { isExhaustive } from '../../src/test/exhaustive.ts';
import { kernel, type Release, rootImage, umlFolder } from './images.ts';
import { makeMachineDisk } from './machine-disk.ts';
import { whyNoUml } from './why-no-uml.ts';

/** What the tests of a modern machine boot. */
export interface UmlImages {
  readonly kernel: string;
  /** Root images by release; without `--exhaustive` only the first. */
  readonly roots: Partial<Record<Release, string>>;
  /** The disk on /srv, see machine-disk.ts. */
  readonly disk: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Why no User-mode Linux can run on this machine; null where it can. */
    whyNoUml: string | null;
    umlImages: UmlImages | null;
  }
}

/** User-mode Linux maps every page of a process by itself. */
const wantedMaps = 16_777_216;
const mapsFile = '/proc/sys/vm/max_map_count';

/**
 * Makes the kernel and the root images that the cache lacks, and lets a process have enough mappings until the tests have ended.
 * Where no User-mode Linux can run, the tests are skipped with the reason.
 *
 * @throws Error with the log's last lines where an image could not be made
 */
export default function setUp(project: TestProject): (() => void) | undefined {
  const reason = whyNoUml();
  project.provide('whyNoUml', reason);
  project.provide('umlImages', null);
  if (reason !== null) return undefined;
  const maps = readFileSync(mapsFile, 'utf8').trim();
  try {
    if (Number(maps) < wantedMaps) writeFileSync(mapsFile, String(wantedMaps));
  } catch {
    project.provide('whyNoUml', `vm.max_map_count is ${maps}, needs to be ${wantedMaps}, and cannot be changed here`);
    return undefined;
  }
  const roots = { bookworm: rootImage('bookworm'), ...(isExhaustive ? { trixie: rootImage('trixie') } : {}) };
  const disk = join(umlFolder(), 'machine-disk.img');
  project.provide('umlImages', { kernel: kernel(), roots, disk });
  makeMachineDisk(disk);
  return () => {
    writeFileSync(mapsFile, maps);
    rmSync(disk, { force: true });
  };
}
