import { runHook } from '../../run-hook.ts';

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
  await runHook(hook, args, hookWithinMs);
}
