import type { ContainerRuntimeClient } from 'testcontainers';
import { clusterLabel, clusterName } from './kind-labels.ts';

/** The containers that are the nodes of an environment's cluster, by kind's own label, running or not. */
export async function nodesOf({ container: { dockerode } }: ContainerRuntimeClient, environment: string) {
  return await dockerode.listContainers({
    all: true,
    filters: { label: [`${clusterLabel}=${clusterName(environment)}`] },
  });
}

/** Whether the cluster exists and all its nodes run. */
export function allRun(nodes: readonly { readonly State: string }[]): boolean {
  return nodes.length > 0 && nodes.every(({ State }) => State === 'running');
}
