import { getServers } from 'node:dns';
import type { KubeClient } from '../../kube/client.ts';
import { UserError } from '../../user-error.ts';
import type { EnvironmentProvider, EnvironmentStatus } from '../provider.ts';
import { runLabel } from '../run-label.ts';
import type { ExistingOptions } from './existing-options.ts';
import { prepareExisting } from './prepare-existing.ts';
import { removeRecordedRun } from './remove-recorded-run.ts';
import { istioOfRecord, type RunRecord, readRunRecord, recordedRuns } from './run-record.ts';
import { spawnOnThisMachine } from './spawn-on-this-machine.ts';

/** Existing clusters. On this machine they have only the records of runs, each named after its run. */
export const existingProvider: EnvironmentProvider<ExistingOptions> = {
  prepare: (request) => prepareExisting(request),

  async find(name) {
    const record = await readRunRecord(name);
    if (record === null) return null;
    const { kubeconfig } = record;
    const context = record.context ?? undefined;
    const istio = istioOfRecord(record);
    return {
      name,
      title: `run '${name}' in an existing cluster`,
      kubeconfig,
      context,
      istio,
      namespaces: (kube) => namespacesOf(kube, record),
      // The cluster's parts keep theirs.
      logs: async () => new Map(),
      connect: async () => ({
        kubeconfig,
        context,
        istio,
        nameServers: getServers(),
        spawnOutside: spawnOnThisMachine,
      }),
    };
  },

  async list() {
    const statuses = await Promise.all((await recordedRuns()).map(statusOf));
    return statuses.filter((status) => status !== null);
  },

  async remove(name) {
    const record = await readRunRecord(name);
    if (record !== null) await removeRecordedRun(record);
  },
};

/** Those that the run created, found by its label, and the gateway's. */
async function namespacesOf(kube: KubeClient, { run, gatewayNamespace }: RunRecord): Promise<readonly string[]> {
  const labelSelector = `${runLabel}=${run}`;
  const ofRun = await kube.list({ apiVersion: 'v1', kind: 'Namespace', labelSelector });
  return [...new Set([...ofRun.map(({ metadata }) => metadata.name), gatewayNamespace])];
}

async function statusOf(run: string): Promise<EnvironmentStatus | null> {
  const record = await readRunRecord(run).catch((error: unknown) => {
    if (error instanceof UserError) return error;
    throw error;
  });
  if (record === null) return null;
  if (record instanceof UserError) {
    return {
      ...{ name: run, phase: 'unreadable', since: null, where: null, kubeconfig: null, failure: record.message },
      advice: `If another version of Padlock wrote it, 'padlock down ${run}' of that version removes what the run made.`,
    };
  }
  return {
    name: run,
    phase: 'recorded',
    since: record.createdAt,
    where: record.server,
    kubeconfig: record.kubeconfig,
    failure: null,
    advice: `The run is in progress, was kept, or was killed. 'padlock down ${run}' removes what it made.`,
  };
}
