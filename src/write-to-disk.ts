import { runToEnd } from './run-to-end.ts';

/**
 * Writes what the kernel still holds in memory of a folder's file system to its disk (syncfs(2)). Done before a finished folder gets
 * its name: otherwise a power cut can leave the name with empty files.
 */
export async function writeToDisk(folder: string): Promise<void> {
  await runToEnd('sync', ['--file-system', folder]);
}
