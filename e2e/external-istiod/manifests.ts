import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Components } from '../../src/components/index.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import { parseManifest } from '../../src/kube/manifests.ts';
import { imageTag } from '../../src/platform/component-image.ts';
import { namespace } from '../../src/platform/istio.ts';
import { cachedManifests } from '../../src/platform/manifest-cache.ts';
import { runToEnd } from '../../src/run-to-end.ts';

/** The names by which istiod knows the clusters, as in the values of both. */
export const clusterNames = { controlPlane: 'control-plane', dataPlane: 'data-plane' } as const;

/** What stands for the address and the root of istiod in what is rendered, before they are known. */
const unknown = { istiodAddress: '192.0.2.1', istiodRoot: 'cm9vdA==' } as const;

/** istiod and Istio's CustomResourceDefinitions, for the cluster of the control plane. */
export function controlPlaneManifests(components: Components): Promise<readonly KubeObject[]> {
  return rendered(components, 'control-plane.yaml');
}

interface Istiod {
  /** Where it answers. */
  readonly address: string;
  /** PEM. */
  readonly root: string;
}

/**
 * Istio's charts for the cluster of the data plane: the gateway, and what leads to istiod. Its definitions are left out: a cluster
 * whose Istio objects are elsewhere needs none.
 */
export async function dataPlaneManifests(components: Components, { address, root }: Istiod) {
  const text = JSON.stringify(await rendered(components, 'data-plane.yaml'))
    .replaceAll(unknown.istiodAddress, address)
    .replaceAll(unknown.istiodRoot, Buffer.from(root).toString('base64'));
  const objects = JSON.parse(text) as readonly KubeObject[];
  return {
    definitions: objects.filter(({ kind }) => kind === 'CustomResourceDefinition'),
    others: objects.filter(({ kind }) => !['CustomResourceDefinition', 'Namespace'].includes(kind)),
  };
}

async function rendered(components: Components, file: string): Promise<readonly KubeObject[]> {
  const fill: Readonly<Record<string, string>> = {
    ...unknown,
    istioTag: imageTag(components, 'docker.io/istio/pilot'),
  };
  const text = await readFile(join(import.meta.dirname, file), 'utf8');
  const values = text.replace(/\$\{(\w+)\}/g, (placeholder, name: string) => fill[name] ?? placeholder);
  return await cachedManifests(components.cache, [file, components.digest('istioctl'), values], async () => {
    const yaml = await runToEnd(components.binary('istioctl'), ['manifest', 'generate', '-f', '-'], values);
    return [namespace('istio-system'), ...parseManifest(yaml, 'istioctl.yaml')];
  });
}
