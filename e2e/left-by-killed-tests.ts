import { rm } from 'node:fs/promises';
import { downCell } from '../src/environment/cell/cell.ts';
import { keeperLives, readCellRecord } from '../src/environment/cell/cell-record.ts';
import { cellsWithRemains } from '../src/environment/cell/remains.ts';
import { readRunRecord, recordedRuns, removeRunRecord } from '../src/environment/existing/run-record.ts';
import { isOfForeignCell } from './foreign-cell.ts';

/**
 * Removes what tests that were killed, or the machine they ran on, left on it: cells that no longer run, and the records of runs
 * in them. Tests look at the machine before and after, take names of their own and end with `down --all`. What still runs is
 * somebody's, and stays.
 */
export default async function removeLeftByKilledTests(): Promise<void> {
  for (const name of await cellsWithRemains()) {
    const record = await readCellRecord(name);
    if (record === null || !(await keeperLives(record))) await downCell(name);
  }
  for (const run of await recordedRuns()) {
    const record = await readRunRecord(run);
    if (record === null || !isOfForeignCell(record.kubeconfig)) continue;
    await rm(record.scratch, { recursive: true, force: true });
    await removeRunRecord(run);
  }
}
