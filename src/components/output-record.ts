import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
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
 * Finds outputs that changed since they were built. Compares size and modification time; if these differ, the content. If only the times differ,
 * as in a copy of the cache, the record takes the new ones, so that the files are read once only.
 *
 * @param onReading is told how many bytes are going to be read, which can take seconds
 * @returns their paths below the folder
 */
export async function damagedOutputs(
  folder: string,
  record: OutputRecord,
  onReading: (bytes: number) => void = () => {},
): Promise<readonly string[]> {
  const found = await Promise.all(
    record.outputs.map(async (output) => {
      const now = await stat(join(folder, output.path)).catch(() => null);
      return { output, size: now?.size ?? null, mtimeMs: now?.mtimeMs ?? null };
    }),
  );
  const untouched = ({ output, size, mtimeMs }: (typeof found)[number]) =>
    size === output.size && mtimeMs !== null && isTime(output.mtimeMs, mtimeMs);
  const touched = found.filter((one) => !untouched(one));
  const toRead = touched.filter(({ output, size }) => size === output.size);
  if (toRead.length > 0) onReading(toRead.reduce((sum, { output }) => sum + output.size, 0));
  const changed = new Set(touched.filter(({ output, size }) => size !== output.size).map(({ output }) => output.path));
  for (const { output } of toRead) {
    if ((await sha256OfFile(join(folder, output.path))) !== output.sha256) changed.add(output.path);
  }
  if (toRead.length > 0 && changed.size === 0) {
    const outputs = found.map(({ output, mtimeMs }) => ({ ...output, mtimeMs: mtimeMs ?? output.mtimeMs }));
    // A cache that cannot be written to is read again next time.
    await replaceRecord(folder, { outputs }).catch(() => {});
  }
  return [...changed];
}

/** Another process may read the record meanwhile. */
async function replaceRecord(folder: string, record: OutputRecord): Promise<void> {
  const temporary = join(folder, `${recordFile}.${process.pid}`);
  try {
    await writeFile(temporary, JSON.stringify(record));
    await rename(temporary, join(folder, recordFile));
  } finally {
    await rm(temporary, { force: true });
  }
}
