/** Flags of other programs that our texts name, by program. One that no text names any more must go. */
export const foreignFlags: Readonly<Record<string, readonly string[]>> = {
  'cert-manager-controller': [
    '--acme-http01-solver-image',
    '--acme-http01-solver-resource-request',
    '--cluster-resource-namespace',
    '--controllers',
    '--max-concurrent-challenges',
  ],
  cp: ['--archive', '--link'],
  gh: ['--repo'],
  kubectl: ['--sort-by'],
  mount: ['--bind', '--make-rshared', '--no-canonicalize'],
  'npm run bench': ['--build', '--environments', '--runs', '--scenarios'],
  'npm run conformance:gateway-api': ['--run-test'],
  'scripts/stage-cases.ts': ['--settle', '--trace-only', '--within'],
  setpriv: ['--pdeathsig'],
  sha256sum: ['--check'],
  'step-ca': ['--acme-http-port', '--acme-tls-port', '--insecure', '--resolver'],
  systemctl: ['--user'],
  tar: ['--posix'],
  unshare: ['--keep-caps', '--kill-child', '--map-current-user', '--mount', '--propagation'],
  vitest: ['--project'],
};
