import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { kindPaths } from './kind-paths.ts';

/** What is written down about a kind environment, for later commands and for cleaning up after a crash. */
const kindRecordSchema = z.object({
  schemaVersion: z.literal(1),
  name: z.string(),
  createdAt: z.string(),
  provider: z.string(),
  /** The keeper's process; the start time tells it from a later one with the same pid (proc(5)). */
  keeper: z.object({ pid: z.int(), startTime: z.string() }).nullable(),
  node: z.object({ container: z.string(), address: z.string() }),
  nameServer: z.object({ container: z.string(), address: z.string() }),
  ca: z.object({ container: z.string(), address: z.string() }),
  loadBalancerAddresses: z.array(z.string()),
});

export type KindRecord = z.infer<typeof kindRecordSchema>;

export async function writeKindRecord(record: KindRecord): Promise<void> {
  const file = kindPaths(record.name).record;
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

/** The record of a kind environment; null where there is none, or none yet. */
export async function readKindRecord(name: string): Promise<KindRecord | null> {
  const text = await readFile(kindPaths(name).record, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return kindRecordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
