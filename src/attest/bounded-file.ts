import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Why a file was not read, as the end of a sentence, e.g. `it is not a regular file`. */
export class UnsuitableFileError extends Error {
  override readonly name = 'UnsuitableFileError';
}

export interface BoundedFile {
  readonly bytes: Buffer;
  /** Permission bits and type, as in `stat`. */
  readonly mode: number;
}

/**
 * Reads a regular file from an untrusted source: never more than the limit, never a device or pipe, which would
 * block, and, unless requested, not through a symbolic link, which could lead out of the folder.
 *
 * @throws UnsuitableFileError, or the file system's error
 */
export async function readBoundedFile(
  file: string,
  limits: { readonly maxBytes: number; readonly followLink?: boolean },
): Promise<BoundedFile> {
  const link = limits.followLink ? 0 : constants.O_NOFOLLOW;
  await using handle = await openFile(file, constants.O_RDONLY | constants.O_NONBLOCK | link);
  const stats = await handle.stat();
  refuse(stats, limits.maxBytes);
  return { bytes: await readAtMost(handle, limits.maxBytes), mode: stats.mode };
}

async function openFile(file: string, flags: number): Promise<FileHandle> {
  try {
    return await open(file, flags);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    // With O_NOFOLLOW, Linux and macOS answer ELOOP for a link (open(2)).
    if (code === 'ELOOP') throw new UnsuitableFileError('it is a symbolic link', { cause });
    if (code === 'ENXIO') throw new UnsuitableFileError('it is not a regular file', { cause });
    throw cause;
  }
}

function refuse(stats: Stats, maxBytes: number): void {
  if (stats.isDirectory()) throw new UnsuitableFileError('it is a folder');
  if (!stats.isFile()) throw new UnsuitableFileError('it is not a regular file');
  if (stats.size > maxBytes) throw tooLarge(stats.size, maxBytes);
}

async function readAtMost(handle: FileHandle, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  // A file can grow while it is read.
  for await (const chunk of handle.createReadStream({ autoClose: false })) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > maxBytes) throw tooLarge(length, maxBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(bytes: number, maxBytes: number): UnsuitableFileError {
  return new UnsuitableFileError(`it has ${bytes} bytes or more, and the limit is ${maxBytes}`);
}
