import { fullDisk } from '../full-disk.ts';
import { UserError } from '../user-error.ts';
import { stateRoot } from './state-root.ts';

/**
 * What to report of an environment that failed while it is still up: the full disk where there is one, as all sorts of errors follow
 * from that, else the error itself.
 *
 * @param what failed, the beginning of a sentence
 * @param folders on whose disks the environment writes
 */
export async function fullDiskOr(
  error: unknown,
  what: string,
  folders: readonly string[] = [stateRoot()],
): Promise<unknown> {
  const full = await fullDisk(folders);
  if (full === null) return error;
  return new UserError(`${what}: ${full}. Free some space, or set XDG_STATE_HOME to a folder on a larger disk.`, {
    exitCode: 3,
    cause: error,
  });
}
