import type { Image } from './components.ts';
import { isNormalisedName } from './image-name.ts';
import { type ArchivedImage, readOciArchive } from './oci-archive.ts';

/** An image of a run, as it stands in an archive. */
export interface ListedImage extends ArchivedImage {
  /** The archive's file. */
  readonly archive: string;
  /** Of the archive's file, as algorithm:value. */
  readonly archiveDigest: string;
}

/**
 * Reads what every image of a run is, in the order of the names: each archive is read whole and its digests are proven.
 *
 * @throws UserError (2) that names an archive which is not whole
 * @throws where an archive brings another image than it is kept for, or one that containerd would name otherwise
 */
export async function listImages(images: readonly Image[], signal: AbortSignal): Promise<readonly ListedImage[]> {
  const listed: ListedImage[] = [];
  for (const { name, archive, digest: archiveDigest } of images) {
    signal.throwIfAborted();
    const [image, ...more] = await readOciArchive(archive);
    if (image?.name !== name || more.length > 0) throw new Error(`${archive} holds another image than ${name}`);
    if (!isNormalisedName(name)) throw new Error(`${name} is no whole name of an image`);
    listed.push({ ...image, archive, archiveDigest });
  }
  return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
}
