const path = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tag = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Whether an image name is normalized, as containerd requires: with domain, path and tag, and with `library/` for Docker's own images. Docker finds a
 * short name such as `x:1`, a kubelet on containerd does not. (The grammar is that of the reference implementation of the OCI Distribution
 * Specification.)
 */
export function isNormalisedName(name: string): boolean {
  const slash = name.indexOf('/');
  const colon = name.lastIndexOf(':');
  if (slash < 1 || colon < slash) return false;
  const domain = name.slice(0, slash);
  const rest = name.slice(slash + 1, colon);
  if (!/[.:]/.test(domain) && domain !== 'localhost') return false;
  if (domain === 'docker.io' && !rest.includes('/')) return false;
  return path.test(rest) && tag.test(name.slice(colon + 1));
}
