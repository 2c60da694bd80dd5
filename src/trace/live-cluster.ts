import { readGatewayConfigs } from '../evidence/recorders/gateway-config.ts';
import { readMeshAccessLog } from '../evidence/recorders/read-mesh-access-log.ts';
import { list, text } from '../issuance/recorded-object.ts';
import type { KubeClient } from '../kube/client.ts';
import { KubeError } from '../kube/kube-error.ts';
import { lookBetweenClusters } from './look-between-clusters.ts';
import { lookInside } from './look-inside.ts';
import type { TracedCluster } from './traced-cluster.ts';

/** A cluster as it is now. */
export function liveCluster(kube: KubeClient): TracedCluster {
  return {
    title: `The cluster at ${kube.server}`,
    ifWrong: 'Check that the kubeconfig names the right cluster.',
    istio: kube.istio,
    gaps: [],
    now: () => new Date(),
    get: (reference, signal) => kube.get(reference, signal),
    list: (selection, signal) => kube.list(selection, signal),
    podLogs: (namespace, pod, container, options) => kube.podLogs(namespace, pod, container, options),
    has: async (kind) => (await kube.discovery.find(kind)) !== undefined,
    async versionsOf(group, signal) {
      try {
        const call = { what: `look for the API group ${group}`, path: `/apis/${group}`, signal };
        const answer = await kube.connection.json(call);
        return list(answer, 'versions').flatMap((version) => text(version, 'version') ?? []);
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return [];
        throw error;
      }
    },
    gatewayConfigs: (pods, host, signal) => readGatewayConfigs(kube, pods, host, signal),
    meshAccessLog: (gateway, signal) =>
      readMeshAccessLog(kube.istio === null ? [kube] : [kube.istio, kube], gateway, signal),
    lookInside: (request) => lookInside(kube, request),
    lookBetweenClusters: (seen, signal) => lookBetweenClusters(kube, seen, signal),
  };
}
