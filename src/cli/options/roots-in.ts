import { certificatesInPem } from '../../evidence/certificate-facts.ts';
import { textOfOption } from '../../option-file.ts';
import { UserError } from '../../user-error.ts';

/** The certificates of the file that `--ca-bundle` names, PEM; none without it. @throws UserError (2) */
export async function rootsIn(file: string | undefined): Promise<readonly string[]> {
  if (file === undefined) return [];
  const text = await textOfOption('--ca-bundle', file);
  const roots = certificatesInPem(text);
  if (roots.length === 0) throw new UserError(`--ca-bundle ${file} contains no PEM certificate.`);
  return roots;
}
