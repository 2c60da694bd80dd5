import { readFile } from 'node:fs/promises';
import { fileErrorReason } from './file-error.ts';
import { UserError } from './user-error.ts';

/** Reads the file that an option names. @throws UserError (2) that names both, where the file cannot be read */
export async function textOfOption(option: string, file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(`Cannot read ${option} ${file}: ${fileErrorReason(cause)}.`, { cause });
  });
}
