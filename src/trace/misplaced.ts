import type { MisplacedObject } from '../diagnosis/surroundings.ts';
import { namesHost } from '../evidence/hosts-of-object.ts';
import { list, text, texts } from '../issuance/recorded-object.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/kube-error.ts';
import { describeRef, type KubeObject, refOf } from '../kube/kube-object.ts';

const istio = 'networking.istio.io/v1';

/**
 * Istio's objects for a host that are in the cluster although Istio's control plane has an API server of its own: the control
 * plane does not read them there. What the user may not list is left out.
 */
export async function misplacedObjects(
  kube: KubeClient,
  host: string,
  signal: AbortSignal,
): Promise<readonly MisplacedObject[]> {
  if (kube.istio === null) return [];
  const [gateways, services] = await Promise.all(
    ['Gateway', 'VirtualService'].map((kind) => listed(kube.cluster, kind, signal)),
  );
  const ofGateways = (gateways ?? []).flatMap((gateway): MisplacedObject[] => {
    const servers = list(gateway, 'spec', 'servers').filter((server) => hasHost(texts(server, 'hosts'), host));
    if (servers.length === 0) return [];
    const credentials = servers.flatMap((server) => [
      text(server, 'tls', 'credentialName') ?? [],
      texts(server, 'tls', 'credentialNames'),
    ]);
    return [{ title: describeRef(refOf(gateway)), credentials: credentials.flat() }];
  });
  const ofServices = (services ?? []).filter((each) => hasHost(texts(each, 'spec', 'hosts'), host));
  return [...ofGateways, ...ofServices.map((each) => ({ title: describeRef(refOf(each)), credentials: [] }))];
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
