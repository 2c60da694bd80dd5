/** The label on every container and network that Padlock creates: the name of the environment. */
export const environmentLabel = 'test.padlock.kind';
/** kind's own label on the containers of its nodes: the name of the cluster. */
export const clusterLabel = 'io.x-k8s.kind.cluster';

const prefix = 'padlock-';

/** The name of the cluster, and of the network, of an environment. */
export function clusterName(name: string): string {
  return `${prefix}${name}`;
}

/** The environment that a cluster belongs to, by its name; null for a foreign cluster. */
export function environmentOfCluster(cluster: string): string | null {
  return cluster.startsWith(prefix) && cluster.length > prefix.length ? cluster.slice(prefix.length) : null;
}

/**
 * Whether a node of an environment's cluster has that name. With podman, kind creates a volume for each node, labelled with
 * the node's name only, and removing the node does not remove it.
 */
export function isNodeOf(environment: string, node: string): boolean {
  const cluster = clusterName(environment);
  return (
    node.startsWith(cluster) && /^-(control-plane|worker|external-load-balancer)\d*$/.test(node.slice(cluster.length))
  );
}
