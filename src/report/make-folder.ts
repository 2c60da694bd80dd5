import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileErrorCode } from './file-error.ts';

/**
 * Makes a folder and those above it, where they are missing.
 *
 * Node's own recursive mkdir never returns where a file system answers ENOENT to mkdir although the folder above is
 * there, as procfs does.
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = fileErrorCode(error);
    // EROFS and EACCES come before EEXIST on some file systems.
    if (code !== 'ENOENT' && (await isFolder(folder))) return;
    const above = path.dirname(folder);
    if (code !== 'ENOENT' || above === folder || (await isFolder(above))) throw error;
    await makeFolder(above);
    await makeFolder(folder);
  }
}

async function isFolder(name: string): Promise<boolean> {
  return stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
