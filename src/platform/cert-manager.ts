import { join } from 'node:path';
import { type Components, certManagerVersion } from '../components/index.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { parseManifest } from '../kube/manifests.ts';
import { runToEnd } from '../run-to-end.ts';
import { namespace } from './istio.ts';
import { cachedManifests } from './manifest-cache.ts';
import { platformFixture, platformFixtures } from './platform-fixture.ts';

/** cert-manager's own chart, rendered with Padlock's values. */
export async function certManagerManifests(
  components: Components,
  cacheFolder: string,
): Promise<readonly KubeObject[]> {
  const values = await platformFixture('cert-manager.yaml', {});
  const chart = components.file('cert-manager-chart');
  return cachedManifests(
    cacheFolder,
    ['cert-manager', certManagerVersion, chart, components.digest('render-chart'), values],
    async () => {
      const yaml = await runToEnd(components.binary('render-chart'), [
        // The module's chart has a placeholder for the version, which its release puts in; image tags follow it.
        ...['--chart', chart, '--version', certManagerVersion],
        ...['--values', join(platformFixtures, 'cert-manager.yaml')],
        ...['--name', 'cert-manager', '--namespace', 'cert-manager'],
      ]);
      return [namespace('cert-manager'), ...parseManifest(yaml, 'cert-manager.yaml')];
    },
  );
}
