import { readdir, rm } from 'node:fs/promises';
import type { ContainerRuntimeClient } from 'testcontainers';
import { findProgram } from '../../find-program.ts';
import { processStartTime } from '../../process-start-time.ts';
import { openContainerEngine } from './container-engine.ts';
import { clusterLabel, clusterName, environmentLabel, environmentOfCluster, isNodeOf } from './kind-labels.ts';
import { kindPaths, kindsRoot } from './kind-paths.ts';
import { readKindRecord } from './kind-record.ts';

/** The names of all kind environments with state, containers or networks, whether complete or not. */
export async function kindRemains(): Promise<readonly string[]> {
  const names = new Set(await namesWithState());
  const engine = await engineWhereThereIsOne();
  if (engine !== null) for (const name of await namesInEngine(engine)) names.add(name);
  return [...names].sort();
}

async function namesWithState(): Promise<readonly string[]> {
  const entries = await readdir(kindsRoot(), { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Nothing can be removed now from an engine that does not answer. */
async function engineWhereThereIsOne(): Promise<ContainerRuntimeClient | null> {
  const provider = (await findProgram('docker')) !== null ? 'docker' : 'podman';
  return await openContainerEngine(provider).catch(() => null);
}

async function namesInEngine({ container: { dockerode } }: ContainerRuntimeClient): Promise<readonly string[]> {
  const [own, nodes, networks] = await Promise.all([
    dockerode.listContainers({ all: true, filters: { label: [environmentLabel] } }),
    dockerode.listContainers({ all: true, filters: { label: [clusterLabel] } }),
    dockerode.listNetworks({ filters: { label: [environmentLabel] } }),
  ]);
  return [
    ...[...own, ...networks].flatMap(({ Labels }) => Labels?.[environmentLabel] ?? []),
    ...nodes.flatMap(({ Labels }) => environmentOfCluster(Labels[clusterLabel] ?? '') ?? []),
  ];
}

/**
 * Removes a kind environment and all it left: its keeper, the cluster's nodes with their volumes, the containers beside them,
 * the network and its state. Missing parts are no error.
 *
 * @throws UserError (3) if the container engine that must have it does not answer
 */
export async function removeKindRemains(name: string): Promise<void> {
  const record = await readKindRecord(name);
  const keeper = record?.keeper;
  if (keeper && (await processStartTime(keeper.pid)) === keeper.startTime) process.kill(keeper.pid, 'SIGTERM');
  const engine = record === null ? await engineWhereThereIsOne() : await openContainerEngine(record.provider);
  if (engine !== null) await removeFromEngine(engine, name);
  const { root, outside } = kindPaths(name);
  await Promise.all([root, outside].map((folder) => rm(folder, { recursive: true, force: true })));
}

async function removeFromEngine({ container: { dockerode } }: ContainerRuntimeClient, name: string): Promise<void> {
  const labels = [`${environmentLabel}=${name}`, `${clusterLabel}=${clusterName(name)}`];
  const found = await Promise.all(
    labels.map((label) => dockerode.listContainers({ all: true, filters: { label: [label] } })),
  );
  await Promise.all(found.flat().map(({ Id }) => gone(dockerode.getContainer(Id).remove({ force: true, v: true }))));
  const networks = await dockerode.listNetworks({ filters: { label: [`${environmentLabel}=${name}`] } });
  // Engines of some versions answer null for none.
  const volumes = (await dockerode.listVolumes()).Volumes ?? [];
  await Promise.all([
    ...networks.map(({ Id }) => gone(dockerode.getNetwork(Id).remove())),
    ...volumes
      .filter(({ Labels }) => Object.keys(Labels ?? {}).some((label) => isNodeOf(name, label)))
      .map(({ Name }) => gone(dockerode.getVolume(Name).remove())),
  ]);
}

/** Another process or the reaper may be removing it too. */
async function gone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: { statusCode?: number }) => {
    const isGone = error.statusCode === 404 || error.statusCode === 409;
    if (!isGone) throw error;
  });
}
