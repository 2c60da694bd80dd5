import { cellNetwork } from '../environment/cell/cell-network.ts';
import { cellPaths } from '../environment/cell/cell-paths.ts';
import { keeperLives, readCellRecord } from '../environment/cell/cell-record.ts';
import { cellsWithRemains } from '../environment/cell/remains.ts';
import { readRunRecord, recordedRuns } from '../environment/existing/run-record.ts';

interface CellStatus {
  readonly name: string;
  readonly phase: string;
  readonly since: string | null;
  readonly subnet: string | null;
  readonly kubeconfig: string;
  readonly failure: string | null;
}

async function statusOf(name: string): Promise<CellStatus> {
  const record = await readCellRecord(name);
  const alive = record !== null && (await keeperLives(record));
  return {
    name,
    phase: record === null ? 'remains' : alive ? record.phase : 'ended',
    since: record?.createdAt ?? null,
    subnet: record === null ? null : cellNetwork(record.slot).subnet,
    kubeconfig: cellPaths(name).kubeconfig,
    failure: record?.failure ?? null,
  };
}

/** `padlock status` */
export async function status({ json }: { json: boolean }): Promise<number> {
  const cells = await Promise.all((await cellsWithRemains()).map(statusOf));
  if (json) {
    process.stdout.write(`${JSON.stringify(cells, null, 2)}\n`);
    return 0;
  }
  for (const run of await recordedRuns()) {
    const record = await readRunRecord(run);
    if (record === null) continue;
    process.stdout.write(`${run}\texisting\t${record.server}\t${record.createdAt}\t${record.kubeconfig}\n`);
    process.stdout.write(`  A run that is at work or was killed: 'padlock down ${run}' removes what it made.\n`);
  }
  if (cells.length === 0) process.stderr.write("No cell is up; 'padlock up' starts one.\n");
  for (const { name, phase, since, subnet, kubeconfig, failure } of cells) {
    process.stdout.write(`${name}\t${phase}\t${subnet ?? '-'}\t${since ?? '-'}\t${kubeconfig}\n`);
    if (failure) process.stdout.write(`  ${failure}\n`);
    if (phase === 'ended' || phase === 'remains')
      process.stdout.write(`  It runs no more: 'padlock down ${name}' removes what is left.\n`);
  }
  return 0;
}
