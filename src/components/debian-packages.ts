import { runToEnd } from '../run-to-end.ts';
import type { ComponentDescription } from './components.ts';

const packages = [
  'bind9',
  'runc',
  'nftables',
  'iproute2',
  'containernetworking-plugins',
  'tini',
  'chromium',
  'libnss3-tools',
];

/** The distribution's packages that a cell and the browser use, with the versions from dpkg. Empty without dpkg. */
export async function debianPackages(): Promise<readonly ComponentDescription[]> {
  // Lists all packages, because dpkg-query fails as a whole if one requested package is unknown.
  const listed = await runToEnd('dpkg-query', ['--show']).catch(() => '');
  const versions = new Map<string, string>();
  for (const line of listed.split('\n')) {
    const [name = '', version = ''] = line.split('\t');
    // dpkg writes name:architecture for packages that can be installed for several architectures.
    versions.set(name.split(':', 1)[0] ?? name, version);
  }
  return packages.flatMap((name) => {
    const version = versions.get(name);
    return version ? [{ name, version, source: 'distribution package', digest: null }] : [];
  });
}
