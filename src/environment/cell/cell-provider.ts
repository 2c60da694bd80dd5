import { existsSync } from 'node:fs';
import type { EnvironmentProvider, EnvironmentStatus } from '../provider.ts';
import { cellLogs, connectCell, downCell } from './cell.ts';
import { useCaOfOptions } from './cell-ca.ts';
import { cellNetwork } from './cell-network.ts';
import type { CellOptions } from './cell-options.ts';
import { cellPaths } from './cell-paths.ts';
import { keeperLives, readCellRecord } from './cell-record.ts';
import { PreparedCell } from './prepared-cell.ts';
import { cellsWithRemains } from './remains.ts';
import { checkRequirements } from './requirements.ts';

/** Cells: whole clusters in namespaces of this machine. */
export const cellProvider: EnvironmentProvider<CellOptions> = {
  requirements: () => checkRequirements(),

  async prepare({ name, options, askDirectory }) {
    const { on, subnet } = options;
    if (on === undefined) return new PreparedCell({ name, slot: subnet, running: null });
    const running = await connectCell(on);
    await useCaOfOptions(running, options, askDirectory);
    return new PreparedCell({ name, slot: undefined, running });
  },

  async find(name) {
    const { root, kubeconfig } = cellPaths(name);
    if (!existsSync(root) && !(await cellsWithRemains()).includes(name)) return null;
    return {
      name,
      title: `cell '${name}'`,
      kubeconfig,
      logs: () => cellLogs(name),
      connect: () => connectCell(name),
    };
  },

  async list() {
    return await Promise.all((await cellsWithRemains()).map(statusOf));
  },

  async remove(name) {
    await downCell(name);
  },
};

async function statusOf(name: string): Promise<EnvironmentStatus> {
  const record = await readCellRecord(name);
  const alive = record !== null && (await keeperLives(record));
  return {
    name,
    phase: record === null ? 'remains' : alive ? record.phase : 'ended',
    since: record?.createdAt ?? null,
    where: record === null ? null : cellNetwork(record.slot).subnet,
    kubeconfig: cellPaths(name).kubeconfig,
    failure: record?.failure ?? null,
    advice: alive ? null : `It no longer runs. 'padlock down ${name}' removes what is left.`,
  };
}
