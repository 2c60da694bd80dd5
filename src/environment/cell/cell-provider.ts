import { existsSync } from 'node:fs';
import { caServerNamed, defaultCaServer } from '../../ca-servers/ca-servers.ts';
import { UserError } from '../../user-error.ts';
import type { EnvironmentProvider, EnvironmentStatus } from '../provider.ts';
import { reachable } from '../reachable.ts';
import { cellLogs, connectCell, downCell, type RunningCell } from './cell.ts';
import { useCaOfOptions } from './cell-ca.ts';
import type { CellOptions } from './cell-options.ts';
import { cellPaths } from './cell-paths.ts';
import { type CellRecord, keeperLives, readCellRecord } from './cell-record.ts';
import { cellsOfRun } from './cells-beside.ts';
import { type CellElsewhere, cellElsewhere, cellsElsewhere, whoManages } from './cells-elsewhere.ts';
import { chosenVariant } from './chosen-variant.ts';
import { keeperOutOfMemory } from './keeper-listener.ts';
import { cellNetwork } from './node/cell-network.ts';
import { PreparedCell } from './prepared-cell.ts';
import { cellsWithRemains } from './remains.ts';
import { checkRequirements } from './requirements.ts';

/** Cells: whole clusters in namespaces of this machine. */
export const cellProvider: EnvironmentProvider<CellOptions> = {
  requirements: () => checkRequirements(),

  async prepare({ name, options, outlives, askDirectory }) {
    const { on, subnet, cells, installFresh = false } = options;
    if (on === undefined) {
      const ca = options.ca === undefined ? defaultCaServer : caServerNamed(options.ca);
      if (outlives && cells !== undefined && cells > 1) {
        throw new UserError('--keep leaves one cell up, so it cannot be used with --cells.');
      }
      const count = outlives ? { cells: 1, limitedBy: null } : cellsOfRun(cells);
      const certManager = chosenVariant('cert-manager', options.certManager);
      return new PreparedCell({ name, ca, certManager, slot: subnet, running: null, installFresh, count });
    }
    const running = await connectCell(on);
    refuseAnotherServer(running, options.ca);
    await useCaOfOptions(running, options, askDirectory);
    return new PreparedCell({
      ...{ name, ca: running.caServer, certManager: null, slot: undefined, running },
      ...{ installFresh: false, count: null },
    });
  },

  async find(name) {
    const { root, kubeconfig: own } = cellPaths(name);
    const elsewhere = existsSync(root) ? null : await cellElsewhere(name);
    if (elsewhere === null && !existsSync(root) && !(await cellsWithRemains()).includes(name)) return null;
    const kubeconfig = elsewhere?.kubeconfig ?? own;
    const failure = elsewhere?.record?.failure ?? failureOf(name, await readCellRecord(name));
    return {
      ...{ name, title: `cell '${name}'`, kubeconfig },
      ...(failure === null ? {} : { failure }),
      logs: () => cellLogs(name),
      connect: async () => reachable(await connectCell(name)),
    };
  },

  async list() {
    const own = await Promise.all((await cellsWithRemains()).map(statusOf));
    return [...own, ...(await cellsElsewhere()).map(statusElsewhere)];
  },

  async remove(name) {
    const elsewhere = existsSync(cellPaths(name).root) ? null : await cellElsewhere(name);
    if (elsewhere !== null) throw new UserError(`The cell '${name}' was left alone. ${whoManages(elsewhere)}`);
    await downCell(name);
  },
};

/** @throws UserError (2) if `--ca` differs from the CA server of the running cell */
function refuseAnotherServer({ name, caServer }: RunningCell, wanted: string | undefined): void {
  if (wanted === undefined || wanted === caServer.id) return;
  throw new UserError(`--ca ${wanted} needs a fresh cell: the cell '${name}' runs ${caServer.id}.`);
}

async function statusOf(name: string): Promise<EnvironmentStatus> {
  const record = await readCellRecord(name);
  const alive = record !== null && (await keeperLives(record));
  return {
    name,
    phase: record === null ? 'remains' : alive ? record.phase : 'ended',
    since: record?.createdAt ?? null,
    where: record === null ? null : cellNetwork(record.slot).subnet,
    kubeconfig: cellPaths(name).kubeconfig,
    failure: failureOf(name, record),
    advice: adviceOn(name, alive, record),
  };
}

function statusElsewhere(cell: CellElsewhere): EnvironmentStatus {
  const { name, stateHome, kubeconfig, record } = cell;
  return {
    name,
    phase: record?.phase ?? 'starting',
    since: record?.createdAt ?? null,
    where: record === null ? null : cellNetwork(record.slot).subnet,
    kubeconfig,
    failure: record?.failure ?? null,
    advice: whoManages(cell),
    stateHome,
  };
}

/** What the keeper wrote down, or why it could not. */
function failureOf(name: string, record: CellRecord | null): string | null {
  if (record === null || record.failure !== null) return record?.failure ?? null;
  const why = keeperOutOfMemory(name);
  return why === null ? null : `its keeper was killed (out of memory: ${why})`;
}

function adviceOn(name: string, alive: boolean, record: CellRecord | null): string | null {
  if (!alive) return `It no longer runs. 'padlock down ${name}' removes what is left.`;
  if (record?.phase !== 'failed') return null;
  return `'padlock logs --name ${name}' lists its logs. 'padlock down ${name}' removes it.`;
}
