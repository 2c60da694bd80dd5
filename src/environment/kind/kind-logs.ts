import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../user-error.ts';
import { kindPaths } from './kind-paths.ts';

/**
 * The log files of a kind environment by component. The node's log comes from the container engine; it is missing if the
 * environment no longer runs or the engine does not answer.
 */
export async function kindLogs(name: string): Promise<ReadonlyMap<string, string>> {
  try {
    // Loaded here, because its container engine client loads slowly.
    const { connectKind } = await import('./kind.ts');
    return await (await connectKind(name)).logs();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return await writtenLogs(kindPaths(name).logs);
  }
}

async function writtenLogs(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(folder).catch(() => []);
  return new Map(
    files.filter((file) => file.endsWith('.log')).map((file) => [file.replace(/\.log$/, ''), join(folder, file)]),
  );
}
