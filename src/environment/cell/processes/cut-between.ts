import { isIPv4 } from 'node:net';
import { runInside } from './namespace-holder.ts';

/** Beside those of kube-proxy; the kernel drops a packet that any table drops. */
const table = 'padlock_cut';

/**
 * Drops every packet between two sets of addresses, in both directions, as the node forwards it: after a Service's address became that of
 * a Pod, and for connections that are open already.
 *
 * @param node the pid of a process in the node's namespaces
 * @returns what lets them through again
 * @throws Error where a set has no IPv4 address, or with what nft(8) says
 */
export async function cutBetween(
  node: number,
  one: readonly string[],
  other: readonly string[],
): Promise<() => Promise<void>> {
  await runInside(node, 'nft -f -', rulesBetween(one, other));
  return async () => {
    await runInside(node, `nft delete table inet ${table}`);
  };
}

/** The rules for nft(8). Bridged packets pass this hook, too (br_netfilter). @internal */
export function rulesBetween(one: readonly string[], other: readonly string[]): string {
  const [left, right] = [one, other].map((addresses) => addresses.filter((address) => isIPv4(address)).join(', '));
  if (!left || !right) throw new Error(`there is nothing to cut between [${one}] and [${other}]`);
  return [
    `table inet ${table} {`,
    '  chain forward {',
    '    type filter hook forward priority -10; policy accept;',
    `    ip saddr { ${left} } ip daddr { ${right} } drop`,
    `    ip saddr { ${right} } ip daddr { ${left} } drop`,
    '  }',
    '}',
    '',
  ].join('\n');
}
