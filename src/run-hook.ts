import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UserError } from './user-error.ts';

/**
 * Runs the user's own program for DNS to its end.
 *
 * @param withinMs its time limit
 * @throws UserError (3) with the last line of its stderr, where it cannot be run, fails or takes too long
 */
export async function runHook(program: string, args: readonly string[], withinMs: number): Promise<void> {
  try {
    await promisify(execFile)(program, args, { timeout: withinMs });
  } catch (error) {
    const { code, killed, stderr } = error as { code?: string | number; killed?: boolean; stderr?: string };
    const said = (stderr ?? '').trim().split('\n').at(-1) ?? '';
    const reason = killed ? `it did not end within ${withinMs / 1000} s` : `${code}${said === '' ? '' : `: ${said}`}`;
    throw new UserError(`The DNS hook failed: ${program} ${args.join(' ')} ended with ${reason}.`, {
      exitCode: 3,
      cause: error,
    });
  }
}
