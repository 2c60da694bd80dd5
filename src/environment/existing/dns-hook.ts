import { runHook } from '../../run-hook.ts';

const hookWithinMs = 60_000;

/**
 * Runs the user's program that edits the DNS of a domain. `<hook> set <host> <address…>` replaces the host's addresses;
 * `<hook> unset <host>` removes them and must succeed even if there are none. The program must not exit before the
 * authoritative name servers return the new answer.
 *
 * @throws UserError (3) if it cannot be run, fails or takes too long
 */
export async function runDnsHook(hook: string, host: string, addresses: readonly string[]): Promise<void> {
  const args = addresses.length === 0 ? ['unset', host] : ['set', host, ...addresses];
  await runHook(hook, args, hookWithinMs);
}
