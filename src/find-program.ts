import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where programs are though PATH may not say so, as for a root shell without /usr/sbin. */
const usualFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The file of a program, given by its name or its whole path; null if there is none that may be run. */
export async function findProgram(name: string): Promise<string | null> {
  const folders = [...usualFolders, ...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')];
  const candidates = name.startsWith('/') ? [name] : folders.map((folder) => join(folder, name));
  for (const file of candidates) {
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return file;
  }
  return null;
}
