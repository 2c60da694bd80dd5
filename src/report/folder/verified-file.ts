import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileErrorReason } from '../../file-error.ts';
import { UserError } from '../../user-error.ts';

/** A file and the digest that the report or the bundle it belongs to gives for it. */
export interface DigestedFile {
  readonly file: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** Reads a file and holds it to its digest. @throws UserError (2) in one sentence: not readable, or changed */
export async function readVerified({ file, sha256 }: DigestedFile): Promise<Buffer> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new UserError(`Cannot read ${file}, which its report names: ${fileErrorReason(cause)}.`, { cause });
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === sha256) return bytes;
  throw new UserError(
    `File ${file} was changed after the run: its SHA-256 is ${found}, but its report says ${sha256}.`,
  );
}
