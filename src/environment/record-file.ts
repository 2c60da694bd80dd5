import { readFile, rename, writeFile } from 'node:fs/promises';
import type { z } from 'zod';

/** Writes a record as JSON for its owner alone, at once whole: a reader meets the old one or the new one, also after a power cut. */
export async function writeRecordFile(file: string, record: unknown): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(temporary, file);
}

/** A record; null if there is none, or it is unreadable after a crash. */
export async function readRecordFile<Content>(file: string, schema: z.ZodType<Content>): Promise<Content | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
