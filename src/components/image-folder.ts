import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedImage } from './image-list.ts';
import { sha256OfFile } from './output-record.ts';

/** The folder's own index, beside the archives. */
const indexFile = 'images.json';

/** What a folder of saved images says of itself: `images.json`. */
export interface ImageIndex {
  readonly schemaVersion: 1;
  /** Their `archive` is a file in the folder; in a list that is not saved, the file's whole path. */
  readonly images: readonly ListedImage[];
  /** What is not as its project releases it, a sentence each. */
  readonly notUpstream: readonly string[];
  /** The names of the images that a run on kind pulls besides, as they are not built here. */
  readonly pulledByKind: readonly string[];
}

/** The file of an image in a folder of them: its whole name, so that no two images share one. */
export function archiveFileName(name: string): string {
  return `${name.replaceAll(/[/:]/g, '_')}.tar`;
}

/**
 * Saves images as OCI archives in a folder that is there, with an index written last: where that is, the folder is whole. Each file appears whole or not
 * at all, and one of an earlier time is replaced. Other files of the folder are left alone.
 *
 * @throws the file system's error; and where a copy is not what it is a copy of
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
