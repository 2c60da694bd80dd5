import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Components, certManagerVersion } from '../components/index.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { parseManifest } from '../kube/manifests.ts';
import { runToEnd } from '../run-to-end.ts';
import { wholeChart } from './cert-manager-chart.ts';
import { namespace } from './istio.ts';
import { cachedManifests } from './manifest-cache.ts';
import { platformFile, platformFiles } from './platform-file.ts';
import type { ChosenPart } from './platform-versions.ts';

/** cert-manager's own chart, rendered with Padlock's values. */
export async function certManagerManifests(
  components: Components,
  cacheFolder: string,
  chosen: ChosenPart | null,
): Promise<readonly KubeObject[]> {
  const values = await platformFile('cert-manager.yaml', {});
  const version = chosen?.tag ?? certManagerVersion;
  const source = chosen?.module.sum ?? components.file('cert-manager-chart');
  const key = ['cert-manager', version, source, components.digest('render-chart'), values];
  return cachedManifests(cacheFolder, key, async () => {
    if (chosen === null) return render(components, components.file('cert-manager-chart'), version);
    const folder = await mkdtemp(join(tmpdir(), 'padlock-chart-'));
    try {
      return await render(components, await wholeChart(chosen, folder), version);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

async function render(components: Components, chart: string, version: string): Promise<readonly KubeObject[]> {
  const yaml = await runToEnd(components.binary('render-chart'), [
    // The module's chart has a placeholder for the version, which upstream's release process fills in. Image tags use it.
    ...['--chart', chart, '--version', version],
    ...['--values', join(platformFiles, 'cert-manager.yaml')],
    ...['--name', 'cert-manager', '--namespace', 'cert-manager'],
  ]);
  return [namespace('cert-manager'), ...parseManifest(yaml, 'cert-manager.yaml')];
}
