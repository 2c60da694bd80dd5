import type { Image } from './components.ts';
import { isNormalisedName } from './image-name.ts';
import { type ArchivedImage, readOciArchive } from './oci-archive.ts';

/** An image of a run, as found in its archive. */
export interface ListedImage extends ArchivedImage {
  /** Path of the archive. */
  readonly archive: string;
  /** Digest of the archive file, as algorithm:value. */
  readonly archiveDigest: string;
}

/**
 * Reads every image of a run, ordered by name. Each archive is read completely and its digests are verified.
 *
 * @throws UserError (2) for an incomplete archive
 * @throws Error if an archive contains another image, or one whose name containerd would change
 */
export async function listImages(images: readonly Image[], signal: AbortSignal): Promise<readonly ListedImage[]> {
  const listed: ListedImage[] = [];
  for (const { name, archive, digest: archiveDigest } of images) {
    signal.throwIfAborted();
    const [image, ...more] = await readOciArchive(archive);
    if (image?.name !== name || more.length > 0)
      throw new Error(`${archive} does not contain exactly the image ${name}`);
    if (!isNormalisedName(name)) throw new Error(`${name} is not a normalized image name`);
    listed.push({ ...image, archive, archiveDigest });
  }
  return listed.sort((a, b) => (a.name < b.name ? -1 : 1));
}
