import { rootCertificates } from 'node:tls';
import { textOfOption } from '../../option-file.ts';
import { UserError } from '../../user-error.ts';

/**
 * The public roots and those of a file, PEM.
 *
 * @param option names the file for the user
 * @returns undefined if no file was given
 * @throws UserError (2) for one that cannot be read or has no certificate in it
 */
export async function trustedRootsOf(option: string, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await textOfOption(option, file);
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new UserError(`${option} ${file} has no PEM certificate in it.`);
  }
  return [...rootCertificates, text].join('\n');
}
