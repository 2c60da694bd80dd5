import type { Components } from '../components/index.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { parseManifest } from '../kube/manifests.ts';
import { runToEnd } from '../run-to-end.ts';
import { imageTag } from './component-image.ts';
import { cachedManifests } from './manifest-cache.ts';
import { platformFixture } from './platform-fixture.ts';

/**
 * Istio as `istioctl manifest generate` makes it of its own charts: base, istiod and one ingress gateway.
 */
export async function istioManifests(components: Components, cacheFolder: string): Promise<readonly KubeObject[]> {
  const values = await platformFixture('istio.yaml', { istioTag: imageTag(components, 'docker.io/istio/pilot') });
  return cachedManifests(cacheFolder, ['istio', components.digest('istioctl'), values], async () => {
    const yaml = await runToEnd(components.binary('istioctl'), ['manifest', 'generate', '-f', '-'], values);
    return [namespace('istio-system'), ...parseManifest(yaml, 'istioctl.yaml')];
  });
}

/** A Namespace object, which charts leave to whoever installs them. */
export function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}
