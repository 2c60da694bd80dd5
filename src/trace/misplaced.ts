import { namesHost } from '../evidence/hosts-of-object.ts';
import { list, texts } from '../issuance/recorded-object.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/kube-error.ts';
import { describeRef, type KubeObject, refOf } from '../kube/kube-object.ts';

const istio = 'networking.istio.io/v1';

/**
 * Istio's objects for a host that are in the cluster although Istio's control plane has an API server of its own, one sentence
 * each: the control plane does not read them there. What the user may not list is left out.
 */
export async function misplacedObjects(
  kube: KubeClient,
  host: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (kube.istio === null) return [];
  const [gateways, services] = await Promise.all(
    ['Gateway', 'VirtualService'].map((kind) => listed(kube.cluster, kind, signal)),
  );
  const named = [
    ...(gateways ?? []).filter((each) =>
      list(each, 'spec', 'servers').some((server) => hasHost(texts(server, 'hosts'), host)),
    ),
    ...(services ?? []).filter((each) => hasHost(texts(each, 'spec', 'hosts'), host)),
  ];
  return named.map(
    (each) =>
      `${describeRef(refOf(each))} for ${host} is in the cluster at ${kube.server}, where Istio's control plane does not look for it. Apply it to the API server at ${kube.istio?.server}.`,
  );
}

function hasHost(patterns: readonly string[], host: string): boolean {
  return patterns.some((pattern) => pattern !== '*' && namesHost(pattern, host));
}

async function listed(cluster: KubeClient, kind: string, signal: AbortSignal): Promise<readonly KubeObject[]> {
  try {
    if ((await cluster.discovery.find({ apiVersion: istio, kind })) === undefined) return [];
    return await cluster.list({ apiVersion: istio, kind }, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KubeError) return [];
    throw error;
  }
}
