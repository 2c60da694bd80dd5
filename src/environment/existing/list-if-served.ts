import type { KubeClient, ResourceSelection } from '../../kube/client.ts';
import { KubeError } from '../../kube/kube-error.ts';
import type { KubeObject } from '../../kube/kube-object.ts';

/** The objects of a selection; empty if the API server does not or no longer serve the kind. @throws KubeError */
export async function listIfServed(kube: KubeClient, selection: ResourceSelection): Promise<readonly KubeObject[]> {
  try {
    return (await kube.discovery.find(selection)) === undefined ? [] : await kube.list(selection);
  } catch (error) {
    if (!(error instanceof KubeError && error.status === 404)) throw error;
    kube.discovery.forget(selection.apiVersion);
    return [];
  }
}
