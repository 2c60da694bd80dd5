import { readFile } from 'node:fs/promises';
import { UserError } from './user-error.ts';

/** Reads the file that an option names. @throws UserError (2) that names both, where the file cannot be read */
export async function textOfOption(option: string, file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`${option} ${file} cannot be read (${cause.code ?? cause.message}).`, { cause });
  });
}
