import { existsSync } from 'node:fs';
import { checkCellName, downAllCells, downCell } from '../../environment/cell/cell.ts';
import { cellPaths } from '../../environment/cell/cell-paths.ts';
import { cellsWithRemains } from '../../environment/cell/remains.ts';
import { removeRecordedRun } from '../../environment/existing/remove-recorded-run.ts';
import { readRunRecord, recordedRuns } from '../../environment/existing/run-record.ts';
import { UserError } from '../../user-error.ts';

/** `padlock down [NAME|--all]` */
export async function down(name: string | undefined, { all }: { all: boolean }): Promise<number> {
  if (all && name !== undefined)
    throw new UserError(`Give a name or --all, not both: 'padlock down ${name}' removes one.`);
  if (all) return await downAll();
  const target = name ?? 'default';
  checkCellName(target);
  const started = performance.now();
  const record = await readRunRecord(target);
  const isCell = existsSync(cellPaths(target).root) || (await cellsWithRemains()).includes(target);
  const { isKind, downKind } = await kindEnvironments();
  const isOfKind = await isKind(target);
  if (record === null && !isCell && !isOfKind) {
    throw new UserError(
      `There is no cell, no kind environment and no run named '${target}'; 'padlock status' lists those that are.`,
    );
  }
  if (record !== null) await removeRecordedRun(record);
  if (isCell) await downCell(target);
  if (isOfKind) await downKind(target);
  process.stderr.write(`Removed ${target} in ${((performance.now() - started) / 1000).toFixed(1)} s.\n`);
  return 0;
}

/** One that cannot be removed keeps nobody from removing the others. */
async function downAll(): Promise<number> {
  const removed = [...(await downAllCells())];
  const failures: string[] = [];
  const attempt = async (target: string, remove: () => Promise<unknown>) => {
    try {
      await remove();
      removed.push(target);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  };
  for (const run of await recordedRuns()) {
    await attempt(run, async () => {
      const record = await readRunRecord(run);
      if (record !== null) await removeRecordedRun(record);
    });
  }
  const { downKind, kindRemains } = await kindEnvironments();
  for (const kind of await kindRemains()) await attempt(kind, () => downKind(kind));
  process.stderr.write(removed.length > 0 ? `Removed ${removed.join(', ')}.\n` : 'There was nothing to remove.\n');
  if (failures.length > 0) throw new UserError(failures.join('\n'), { exitCode: 3 });
  return 0;
}

/** Loaded where it is used: its client of the container engine takes a while. */
async function kindEnvironments() {
  const [kind, { kindRemains }] = await Promise.all([
    import('../../environment/kind/kind.ts'),
    import('../../environment/kind/remains.ts'),
  ]);
  return { ...kind, kindRemains };
}
