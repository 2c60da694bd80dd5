import { statfs } from 'node:fs/promises';

/** If less than this is free after a failure, the failure is attributed to the disk. */
const fullBelowBytes = 32 * 2 ** 20;

/** The first of some folders whose disk is full, in words for a sentence; null where none is. */
export async function fullDisk(folders: readonly string[]): Promise<string | null> {
  for (const folder of folders) {
    const stats = await statfs(folder).catch(() => null);
    // Some file systems count no files.
    const isFull =
      stats !== null && (stats.bavail * stats.bsize < fullBelowBytes || (stats.files > 0 && stats.ffree === 0));
    if (isFull) return `no space left on the disk of ${folder}`;
  }
  return null;
}

/** True for the error of a write to a full disk, or beyond a quota. */
export function isOfFullDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}
