import { runToEnd } from '../run-to-end.ts';
import type { ComponentDescription } from './components.ts';

const packages = ['bind9', 'runc', 'nftables', 'iproute2', 'containernetworking-plugins', 'tini'] as const;

/** The parts of a cell that the distribution brings, as dpkg knows them; none where there is no dpkg. */
export async function debianPackages(): Promise<readonly ComponentDescription[]> {
  const listed = await runToEnd('dpkg-query', ['--show', ...packages]).catch(() => '');
  return listed
    .split('\n')
    .map((line) => line.split('\t'))
    .flatMap(([name, version]) =>
      name && version ? [{ name, version, source: 'distribution package', digest: null }] : [],
    );
}
