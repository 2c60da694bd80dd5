import type { UnreadCluster } from '../diagnosis/surroundings.ts';
import { messageOf } from '../error-message.ts';
import { list, text } from '../issuance/recorded-object.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/kube-error.ts';
import type { KubeObject } from '../kube/kube-object.ts';

/** Istio's log of a watch that fails (pilot/pkg/util/informermetric), which is tried again every half minute. */
const watchError = /watch error in cluster (\S+): (.*)/;
const lastLines = 2_000;
/** Longer than istiod waits between two attempts, with the time that a request without an answer takes. */
const recentMs = 120_000;

/**
 * What istiod fails to read of the cluster of a gateway, where its control plane has an API server of its own, by each of its
 * Pods. What it does not read, such as new Services and Secrets, does not reach the gateway.
 *
 * @param gatewayPods of the gateway, which say by which name istiod knows their cluster
 */
export async function unreadCluster(
  { istio }: Pick<KubeClient, 'istio'>,
  gatewayPods: readonly KubeObject[],
  signal: AbortSignal,
): Promise<readonly UnreadCluster[]> {
  if (istio === null) return [];
  const names = new Set(gatewayPods.flatMap(clusterNameOf));
  const pods = await istiodPods(istio, signal);
  const found = await Promise.all(
    pods.map(async ({ metadata: { namespace = '', name } }) => {
      const error = await lastError(istio, { namespace, name }, names, signal);
      return error === null ? [] : { pod: `${namespace}/${name}`, ...error };
    }),
  );
  return found.flat();
}

/** The name by which istiod knows the cluster of a proxy. */
function clusterNameOf(pod: KubeObject): string[] {
  const containers = [...list(pod, 'spec', 'containers'), ...list(pod, 'spec', 'initContainers')];
  const variables = containers.flatMap((container) => list(container, 'env'));
  const found = variables.find((variable) => text(variable, 'name') === 'ISTIO_META_CLUSTER_ID');
  return [text(found, 'value') ?? []].flat();
}

/** None where they may not be listed, which the look at istiod's log tells. */
async function istiodPods(istio: KubeClient, signal: AbortSignal): Promise<readonly KubeObject[]> {
  try {
    return await istio.list({ apiVersion: 'v1', kind: 'Pod', labelSelector: 'app=istiod' }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KubeError) return [];
    throw error;
  }
}

async function lastError(
  istio: KubeClient,
  { namespace, name }: { namespace: string; name: string },
  clusters: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<{ cluster: string; reason: string } | null> {
  let last: { cluster: string; reason: string } | null = null;
  try {
    const sinceTime = new Date(Date.now() - recentMs);
    const options = { sinceTime, tailLines: lastLines, signal };
    for await (const line of istio.podLogs(namespace, name, 'discovery', options)) {
      const [, cluster = '', reason = ''] = watchError.exec(line) ?? [];
      if (clusters.has(cluster)) last = { cluster, reason: reason.replace(/["}.]+$/, '') };
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof KubeError)) throw new Error(messageOf(error), { cause: error });
  }
  return last;
}
