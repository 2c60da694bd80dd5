import { statfsSync } from 'node:fs';

/** Below this, what needs space has none: programs write logs and databases in larger pieces. */
const fullBelowBytes = 2 ** 20;

/** What to add to a failure if the disk of a folder is full, as that may be its cause; empty if it is not. */
export function fullDiskNote(folder: string): string {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < fullBelowBytes ? `; no space is left on the disk of ${folder}` : '';
  } catch {
    return '';
  }
}
