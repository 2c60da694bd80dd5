/**
 * Runs a program with the environment's name server as its resolver: in a mount namespace with its own resolv.conf, for which
 * every user except root also needs a user namespace. If the system does not allow one, the program still runs but cannot
 * resolve names of the environment; probes with explicit addresses still work.
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
