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

/**
 * The parts of a cell, and of the browser that looks at it from outside, that the distribution brings, as dpkg knows
 * them; none where there is no dpkg.
 */
export async function debianPackages(): Promise<readonly ComponentDescription[]> {
  // All of them: asked for one that it does not know, dpkg-query fails for the others too.
  const listed = await runToEnd('dpkg-query', ['--show']).catch(() => '');
  const versions = new Map<string, string>();
  for (const line of listed.split('\n')) {
    const [name = '', version = ''] = line.split('\t');
    // Of packages that several architectures can share, dpkg writes name:architecture.
    versions.set(name.split(':', 1)[0] ?? name, version);
  }
  return packages.flatMap((name) => {
    const version = versions.get(name);
    return version ? [{ name, version, source: 'distribution package', digest: null }] : [];
  });
}
