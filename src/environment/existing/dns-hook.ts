import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { UserError } from '../../user-error.ts';

const hookWithinMs = 60_000;

/**
 * Runs the user's own program that writes the DNS of a domain: `<hook> set <host> <address…>` makes the host have these
 * addresses and no others, `<hook> unset <host>` makes it have none, also where it had none before. It must not end before
 * the authoritative name servers answer so.
 *
 * @throws UserError (3) where it cannot be run, fails or takes too long
 */
export async function runDnsHook(hook: string, host: string, addresses: readonly string[]): Promise<void> {
  const args = addresses.length === 0 ? ['unset', host] : ['set', host, ...addresses];
  try {
    await promisify(execFile)(hook, args, { timeout: hookWithinMs });
  } catch (error) {
    const { code, killed, stderr } = error as { code?: string | number; killed?: boolean; stderr?: string };
    const said = (stderr ?? '').trim().split('\n').at(-1) ?? '';
    const reason = killed
      ? `it did not end within ${hookWithinMs / 1000} s`
      : `${code}${said === '' ? '' : `: ${said}`}`;
    throw new UserError(`The DNS hook failed: ${hook} ${args.join(' ')} ended with ${reason}.`, {
      exitCode: 3,
      cause: error,
    });
  }
}
