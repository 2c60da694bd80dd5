import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Components } from '../components/index.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { readManifest } from '../kube/manifests.ts';
import { cachedManifests } from './manifest-cache.ts';
import type { ChosenPart } from './platform-versions.ts';

/** The Gateway API's CustomResourceDefinitions, standard channel. */
export async function gatewayApiManifests(
  components: Components,
  cacheFolder: string,
  chosen: ChosenPart | null,
): Promise<readonly KubeObject[]> {
  const folder = chosen ? join(chosen.module.folder, 'config', 'crd', 'standard') : components.file('gateway-api-crds');
  return cachedManifests(cacheFolder, ['gateway-api', folder], async () => {
    const files = (await readdir(folder))
      .filter((file) => /\.yaml$/.test(file) && file !== 'kustomization.yaml')
      .sort();
    return (await Promise.all(files.map((file) => readManifest(join(folder, file))))).flat();
  });
}
