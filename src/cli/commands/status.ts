import { cellNetwork } from '../../environment/cell/cell-network.ts';
import { cellPaths } from '../../environment/cell/cell-paths.ts';
import { keeperLives, readCellRecord } from '../../environment/cell/cell-record.ts';
import { cellsWithRemains } from '../../environment/cell/remains.ts';
import { readRunRecord, recordedRuns } from '../../environment/existing/run-record.ts';

/** One line of `padlock status`. */
interface EnvironmentStatus {
  readonly name: string;
  readonly environment: 'cell' | 'kind' | 'existing';
  readonly phase: string;
  readonly since: string | null;
  /** A cell's subnet, the container engine of a kind cluster, the API server of an existing one. */
  readonly where: string | null;
  readonly kubeconfig: string;
  readonly failure: string | null;
}

async function cellStatus(name: string): Promise<EnvironmentStatus> {
  const record = await readCellRecord(name);
  const alive = record !== null && (await keeperLives(record));
  return {
    name,
    environment: 'cell',
    phase: record === null ? 'remains' : alive ? record.phase : 'ended',
    since: record?.createdAt ?? null,
    where: record === null ? null : cellNetwork(record.slot).subnet,
    kubeconfig: cellPaths(name).kubeconfig,
    failure: record?.failure ?? null,
  };
}

/** Loaded where it is used: its client of the container engine takes a while. */
async function kindStatuses(): Promise<readonly EnvironmentStatus[]> {
  const [{ kindStates }, { kindPaths }] = await Promise.all([
    import('../../environment/kind/kind-state.ts'),
    import('../../environment/kind/kind-paths.ts'),
  ]);
  return (await kindStates()).map(({ name, phase, record, failure }) => ({
    name,
    environment: 'kind',
    phase,
    since: record?.createdAt ?? null,
    where: record?.provider ?? null,
    kubeconfig: kindPaths(name).kubeconfig,
    failure,
  }));
}

async function runStatus(run: string): Promise<EnvironmentStatus | null> {
  const record = await readRunRecord(run);
  if (record === null) return null;
  const { createdAt, server, kubeconfig } = record;
  return {
    name: run,
    environment: 'existing',
    phase: 'recorded',
    since: createdAt,
    where: server,
    kubeconfig,
    failure: null,
  };
}

/** What to do with an environment that is not simply up; null for nothing. */
function advice({ name, phase }: EnvironmentStatus): string | null {
  switch (phase) {
    case 'recorded':
      return `A run that is at work, was kept or was killed: 'padlock down ${name}' removes what it made.`;
    case 'unfinished':
      return `It starts, or its start was killed: then 'padlock down ${name}' removes what is left.`;
    case 'ended':
    case 'remains':
      return `It runs no more: 'padlock down ${name}' removes what is left.`;
    default:
      return null;
  }
}

/** `padlock status` */
export async function status({ json }: { json: boolean }): Promise<number> {
  const [cells, kinds, runs] = await Promise.all([
    cellsWithRemains().then((names) => Promise.all(names.map(cellStatus))),
    kindStatuses(),
    recordedRuns().then((names) => Promise.all(names.map(runStatus))),
  ]);
  const all = [...cells, ...kinds, ...runs.filter((run) => run !== null)];
  if (json) {
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    return 0;
  }
  if (all.length === 0) process.stderr.write("Nothing is up; 'padlock up' starts an environment.\n");
  for (const one of all) {
    const { name, environment, phase, where, since, kubeconfig, failure } = one;
    process.stdout.write(`${[name, environment, phase, where ?? '-', since ?? '-', kubeconfig].join('\t')}\n`);
    for (const remark of [failure, advice(one)]) if (remark !== null) process.stdout.write(`  ${remark}\n`);
  }
  return 0;
}
