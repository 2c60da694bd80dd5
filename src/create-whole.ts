import { randomUUID } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

interface CreateOptions {
  readonly mode?: number;
  /** Where the file is written before it gets its name; its own folder unless given, and always on the same file system. */
  readonly writtenIn?: string;
}

/**
 * Creates a file with its content in one step, so that nobody ever reads it empty, not even after a power cut.
 *
 * @returns false if it exists
 */
export async function createWhole(
  file: string,
  content: string,
  { mode, writtenIn = dirname(file) }: CreateOptions = {},
): Promise<boolean> {
  const whole = join(writtenIn, `.${basename(file)}.${randomUUID()}`);
  await writeFile(whole, content, { flush: true, ...(mode === undefined ? {} : { mode }) });
  try {
    await link(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(whole);
  }
}
