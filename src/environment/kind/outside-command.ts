/**
 * Gives a program the environment's name server for its resolver: a mount namespace with a resolv.conf of its own, for which
 * anyone but root needs a user namespace too. Where the system allows none, the program runs all the same and resolves nothing
 * of the environment; probes that are told addresses do not mind.
 */
const withResolver = `
resolver=$1
shift
set -- sh -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' "$resolver" "$@"
if [ "$(id -u)" = 0 ]; then
  exec unshare --mount --propagation private "$@"
fi
if unshare --user --map-current-user --keep-caps --mount mount --bind "$resolver" /etc/resolv.conf 2>/dev/null; then
  exec unshare --user --map-current-user --keep-caps --mount "$@"
fi
echo 'This system lets no user make namespaces: clients outside do not resolve names of the environment.' >&2
shift 4
exec "$@"
`;

/** The command that runs a program outside the cluster, with its resolver. It becomes that program, and keeps its pid. */
export function outsideCommand(resolvConf: string, command: readonly string[]): readonly [string, ...string[]] {
  return ['sh', '-c', withResolver, 'sh', resolvConf, ...command];
}
