import { mkdir, readdir } from 'node:fs/promises';
import { z } from 'zod';
import { processStartTime } from '../../process-start-time.ts';
import { readRecordFile, writeRecordFile } from '../record-file.ts';
import { cellPaths, cellsRoot } from './cell-paths.ts';

/**
 * What is written down about a cell, for later commands and for cleaning up after a crash. It is written before anything that
 * would have to be removed is made.
 */
export const cellRecordSchema = z.object({
  schemaVersion: z.literal(2),
  name: z.string(),
  slot: z.int(),
  createdAt: z.string(),
  /** The id of its CA server. */
  ca: z.string(),
  /** 'starting' until the node is Ready; 'failed' after a process ended unexpectedly. */
  phase: z.enum(['starting', 'running', 'failed', 'stopping']),
  failure: z.string().nullable(),
  /** Null until the keeper has started. The start time distinguishes it from a later process with the same pid (proc(5)). */
  keeper: z.object({ pid: z.int(), startTime: z.string() }).nullable(),
  nodePid: z.int().nullable(),
  outsidePid: z.int().nullable(),
  /** The digest of the prepared state that it was restored from; null where everything was installed. */
  restoredFrom: z.string().nullable().default(null),
});

export type CellRecord = z.infer<typeof cellRecordSchema>;

/** True while the keeper of a cell lives. */
export async function keeperLives(record: CellRecord): Promise<boolean> {
  return record.keeper !== null && (await processStartTime(record.keeper.pid)) === record.keeper.startTime;
}

export function writeCellRecord(record: CellRecord): Promise<void> {
  return writeRecordFile(cellPaths(record.name).record, record);
}

/** The record of a cell; null if there is no such cell or its record is unreadable after a crash. */
export function readCellRecord(name: string): Promise<CellRecord | null> {
  return readRecordFile(cellPaths(name).record, cellRecordSchema);
}

/** The names of all cells that have state on this machine, whole or not. */
export async function cellNames(): Promise<readonly string[]> {
  await mkdir(cellsRoot(), { recursive: true, mode: 0o700 });
  const entries = await readdir(cellsRoot(), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
