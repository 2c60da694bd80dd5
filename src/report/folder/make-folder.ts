import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileErrorCode } from '../../file-error.ts';

/**
 * Creates a folder and its missing parents.
 *
 * Node's own recursive mkdir never returns if a file system answers ENOENT to mkdir although the folder above is
 * there, as procfs does.
 */
export async function makeFolder(folder: string): Promise<void> {
  const problem = await attempt(folder);
  if (problem === null) return;
  const above = path.dirname(folder);
  if (fileErrorCode(problem) !== 'ENOENT' || above === folder) throw problem;
  if (!(await isFolder(above))) await makeFolder(above);
  // Somebody else may have made the folder above since the first attempt, so this is not yet a file system that answers so for good.
  const lasting = await attempt(folder);
  if (lasting !== null) throw lasting;
}

/** @returns null if the folder exists now, otherwise the reason */
async function attempt(folder: string): Promise<unknown> {
  try {
    await mkdir(folder);
    return null;
  } catch (error) {
    // EROFS and EACCES come before EEXIST on some file systems.
    return fileErrorCode(error) !== 'ENOENT' && (await isFolder(folder)) ? null : error;
  }
}

async function isFolder(name: string): Promise<boolean> {
  return stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
