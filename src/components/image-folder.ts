import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedImage } from './image-list.ts';
import { sha256OfFile } from './output-record.ts';

/** The index file of an image folder. */
const indexFile = 'images.json';

/** The content of `images.json` in a folder of saved images. */
export interface ImageIndex {
  readonly schemaVersion: 1;
  /** `archive` is a file in the folder; in a list that is not saved, a full path. */
  readonly images: readonly ListedImage[];
  /** Differences from upstream's releases, one sentence each. */
  readonly notUpstream: readonly string[];
  /** Images that a run on kind pulls in addition, because Padlock does not build them. */
  readonly pulledByKind: readonly string[];
}

/** The file name of an image in the folder: the full image name, so that no two images share a file. */
export function archiveFileName(name: string): string {
  return `${name.replaceAll(/[/:]/g, '_')}.tar`;
}

/**
 * Saves images as OCI archives in an existing folder. The index is written last: if it exists, the folder is complete. Each file appears completely or not
 * at all and replaces an older one. Other files in the folder are not touched.
 *
 * @throws the file system's error, or an Error if a copy has another digest than its source
 */
export async function saveImages(
  images: readonly ListedImage[],
  remarks: Pick<ImageIndex, 'notUpstream' | 'pulledByKind'>,
  folder: string,
  { signal, onSaved }: { readonly signal: AbortSignal; onSaved(image: ListedImage): void },
): Promise<ImageIndex> {
  const unfinished = join(folder, `.unfinished-${randomBytes(4).toString('hex')}`);
  const inFolder: ListedImage[] = [];
  try {
    await rm(join(folder, indexFile), { force: true });
    for (const image of images) {
      signal.throwIfAborted();
      const archive = archiveFileName(image.name);
      await copyFile(image.archive, unfinished, constants.COPYFILE_FICLONE);
      const copied = `sha256:${await sha256OfFile(unfinished)}`;
      if (copied !== image.archiveDigest) throw new Error(`the copy of ${image.archive} has the digest ${copied}`);
      await rename(unfinished, join(folder, archive));
      inFolder.push({ ...image, archive });
      onSaved(image);
    }
    signal.throwIfAborted();
    const index: ImageIndex = { schemaVersion: 1, images: inFolder, ...remarks };
    await writeFile(unfinished, `${JSON.stringify(index, null, 2)}\n`);
    await rename(unfinished, join(folder, indexFile));
    return index;
  } finally {
    await rm(unfinished, { force: true });
  }
}
