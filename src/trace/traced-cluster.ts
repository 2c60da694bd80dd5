import type { BetweenClusters, InsideView } from '../diagnosis/surroundings.ts';
import type { MeshAccessLog } from '../evidence/access-log/mesh-access-log.ts';
import type { GatewayConfig } from '../evidence/evidence.ts';
import type { GatewayPods } from '../evidence/recorders/read-mesh-access-log.ts';
import type { KubeClient } from '../kube/client.ts';
import type { ResourceName } from '../kube/discovery.ts';
import type { SeenOfDataPlane } from './look-between-clusters.ts';
import type { InsideRequest } from './look-inside.ts';

/** What a trace asks of a cluster. A live cluster answers it, or a bundle of one. Every method rejects with a KubeError. */
export interface TracedCluster extends Pick<KubeClient, 'get' | 'list' | 'podLogs'> {
  /** What messages call it, as the beginning of a sentence, e.g. `The cluster at https://192.0.2.1:6443`. */
  readonly title: string;
  /** What to do where it turns out to be the wrong one, as a sentence. */
  readonly ifWrong: string;
  /** The API server of Istio's control plane, where that has one of its own. */
  readonly istio: KubeClient | null;
  /** The time of what is read: now, or when the bundle was complete. */
  now(): Date;
  /** Whether the API server has a kind at all; true where a bundle does not tell. */
  has(kind: ResourceName): Promise<boolean>;
  /** The versions of an API group that the API server has: empty without the group. */
  versionsOf(group: string, signal: AbortSignal): Promise<readonly string[]>;
  /** The configuration of each gateway Pod for a host, and a sentence for each Pod whose configuration cannot be read. */
  gatewayConfigs(
    pods: readonly { readonly namespace: string; readonly name: string }[],
    host: string,
    signal: AbortSignal,
  ): Promise<{ readonly configs: GatewayConfig[]; readonly problems: readonly string[] }>;
  /** Where a gateway's access log goes, by the objects of its mesh. */
  meshAccessLog(gateway: GatewayPods, signal: AbortSignal): Promise<MeshAccessLog>;
  /** What stands between the cluster and a control plane elsewhere; null without one. */
  lookBetweenClusters(seen: SeenOfDataPlane, signal: AbortSignal): Promise<BetweenClusters | null>;
  /** Looks at a host from a Pod inside. Absent where nobody can. */
  lookInside?(request: InsideRequest): Promise<InsideView>;
  /** What is not in it, one sentence each, as far as it was asked for. */
  readonly gaps: readonly string[];
}
