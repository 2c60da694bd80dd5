import type { BetweenClusters } from '../diagnosis/surroundings.ts';
import type { ObjectReference } from '../evidence/evidence.ts';
import type { KubeClient } from '../kube/client.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { misplacedObjects } from './misplaced.ts';
import { secretsOfControlPlane } from './secrets-of-control-plane.ts';
import { unreadCluster } from './unread-cluster.ts';

/** What a trace has seen of the gateway's cluster before it looks between the clusters. */
export interface SeenOfDataPlane {
  readonly host: string;
  readonly gatewayPods: readonly KubeObject[];
  /** The Secrets that servers for the host name. */
  readonly credentials: readonly ObjectReference[];
}

/** What stands between the gateway's cluster and a control plane that has an API server of its own; null without one. */
export async function lookBetweenClusters(
  kube: KubeClient,
  { host, gatewayPods, credentials }: SeenOfDataPlane,
  signal: AbortSignal,
): Promise<BetweenClusters | null> {
  if (kube.istio === null) return null;
  const [misplaced, unread, secrets] = await Promise.all([
    misplacedObjects(kube, host, signal),
    unreadCluster(kube, gatewayPods, signal),
    secretsOfControlPlane(kube, credentials, signal),
  ]);
  return { controlPlane: kube.istio.server, dataPlane: kube.server, misplaced, unread, secrets };
}
