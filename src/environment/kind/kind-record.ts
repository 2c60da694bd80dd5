import { z } from 'zod';
import { readRecordFile, writeRecordFile } from '../record-file.ts';
import { kindPaths } from './kind-paths.ts';

/** The saved record of a kind environment, for later commands and for clean-up after a crash. */
const kindRecordSchema = z.object({
  schemaVersion: z.literal(1),
  name: z.string(),
  createdAt: z.string(),
  provider: z.string(),
  /** The keeper's process. The start time distinguishes it from a later process with the same pid (proc(5)). */
  keeper: z.object({ pid: z.int(), startTime: z.string() }).nullable(),
  node: z.object({ container: z.string(), address: z.string() }),
  nameServer: z.object({ container: z.string(), address: z.string() }),
  ca: z.object({ container: z.string(), address: z.string() }),
  directoryProxy: z.object({ container: z.string(), address: z.string() }),
  loadBalancerAddresses: z.array(z.string()),
});

export type KindRecord = z.infer<typeof kindRecordSchema>;

export function writeKindRecord(record: KindRecord): Promise<void> {
  return writeRecordFile(kindPaths(record.name).record, record);
}

/** The record of a kind environment; null if it does not exist, or not yet. */
export function readKindRecord(name: string): Promise<KindRecord | null> {
  return readRecordFile(kindPaths(name).record, kindRecordSchema);
}
