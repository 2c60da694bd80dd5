import { join } from 'node:path';
import type { Components } from '../components/index.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { parseManifest } from '../kube/manifests.ts';
import { runToEnd } from '../run-to-end.ts';
import { imageTag } from './component-image.ts';
import { cachedManifests } from './manifest-cache.ts';
import { platformFile } from './platform-file.ts';
import type { ChosenPart } from './platform-versions.ts';

/**
 * Istio as rendered by `istioctl manifest generate` from Istio's own charts: base, istiod and one ingress gateway. A chosen version has its own
 * charts, rendered by the pinned istioctl.
 */
export async function istioManifests(
  components: Components,
  cacheFolder: string,
  chosen: ChosenPart | null,
): Promise<readonly KubeObject[]> {
  const istioTag = chosen?.tag ?? imageTag(components, 'docker.io/istio/pilot');
  const values = await platformFile('istio.yaml', { istioTag });
  const key = ['istio', components.digest('istioctl'), values, ...(chosen ? [chosen.module.sum] : [])];
  return cachedManifests(cacheFolder, key, async () => {
    const charts = chosen ? ['--manifests', join(chosen.module.folder, 'manifests')] : [];
    const yaml = await runToEnd(components.binary('istioctl'), ['manifest', 'generate', ...charts, '-f', '-'], values);
    return [namespace('istio-system'), ...parseManifest(yaml, 'istioctl.yaml')];
  });
}

/** A Namespace object, which the charts do not contain. */
export function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}
