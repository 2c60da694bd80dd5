import type { KubeClient, ResourceSelection } from '../../kube/client.ts';
import { KubeError } from '../../kube/kube-error.ts';
import type { KubeObject } from '../../kube/kube-object.ts';

/** The objects of a selection; none where the API server has no such kind, or has it no more. @throws KubeError */
export async function listIfServed(kube: KubeClient, selection: ResourceSelection): Promise<readonly KubeObject[]> {
  try {
    return (await kube.discovery.find(selection)) === undefined ? [] : await kube.list(selection);
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 404)) throw error;
    kube.discovery.forget(selection.apiVersion);
    return [];
  }
}
