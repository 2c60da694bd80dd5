import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { linesOf } from '../kube/lines.ts';

/** The last lines of a file, as many as begin within its last `mostBytes`. */
export async function* linesAtEndOfFile(
  file: string,
  mostBytes: number,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const { size } = await stat(file);
  const start = Math.max(0, size - mostBytes);
  // A file that still grows is read up to its size at the start.
  if (size === 0) return;
  let partial = start > 0;
  for await (const line of linesOf(createReadStream(file, { start, end: size - 1, signal }))) {
    if (!partial) yield line;
    partial = false;
  }
}
