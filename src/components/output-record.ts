import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const recordSchema = z.object({
  outputs: z.array(z.object({ path: z.string(), sha256: z.string(), size: z.int(), mtimeMs: z.number() })),
});

export type OutputRecord = z.infer<typeof recordSchema>;

const recordFile = 'outputs.json';

/** SHA-256 of a file, lower-case hexadecimal. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/**
 * Records the contents of an output folder, so that damage is noticed later.
 *
 * @param known SHA-256 by path below the folder, of files whose content was hashed when it was written
 */
export async function writeOutputRecord(folder: string, known: ReadonlyMap<string, string> = new Map()): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const outputs = await Promise.all(
    files.map(async (file) => {
      const { size, mtimeMs } = await stat(file);
      const path = file.slice(folder.length + 1);
      return { path, sha256: known.get(path) ?? (await sha256OfFile(file)), size, mtimeMs };
    }),
  );
  await writeFile(
    join(folder, recordFile),
    JSON.stringify({ outputs: outputs.sort((a, b) => (a.path < b.path ? -1 : 1)) }),
  );
}

/** The record of an output folder; null if it is missing or unreadable. */
export async function readOutputRecord(folder: string): Promise<OutputRecord | null> {
  const text = await readFile(join(folder, recordFile), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** True for the time that was recorded, also after an archive or a file system that keeps whole seconds only. */
function isTime(recordedMs: number, nowMs: number): boolean {
  return nowMs === recordedMs || nowMs === Math.floor(recordedMs / 1000) * 1000;
}

/**
 * Finds outputs that changed since they were built. Compares size and modification time; if these differ, the content.
 *
 * @returns their paths below the folder
 */
export async function damagedOutputs(folder: string, record: OutputRecord): Promise<readonly string[]> {
  const damaged = await Promise.all(
    record.outputs.map(async ({ path, sha256, size, mtimeMs }) => {
      const file = join(folder, path);
      const now = await stat(file).catch(() => null);
      if (now?.size === size && isTime(mtimeMs, now.mtimeMs)) return [];
      return now?.size === size && (await sha256OfFile(file)) === sha256 ? [] : [path];
    }),
  );
  return damaged.flat();
}
