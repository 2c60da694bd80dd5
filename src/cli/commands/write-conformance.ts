import { join } from 'node:path';
import { type Conformance, conformanceSchema } from '../../acme/runner/conformance.ts';
import { attestConformance, type SigningKey } from '../../attest/index.ts';
import { makeFolder } from '../../report/folder/make-folder.ts';
import { writeFileAtomically } from '../../report/folder/write-file-atomically.ts';
import { conformanceHtml } from '../../report/html/conformance-html.ts';
import { UserError } from '../../user-error.ts';

/**
 * Writes conformance.json and index.html, and the attestation where there is a key.
 *
 * @returns the path of conformance.json
 * @throws UserError (3) if that cannot be done
 */
export async function writeConformance(
  conformance: Conformance,
  folder: string,
  key: SigningKey | null,
): Promise<string> {
  const file = join(folder, 'conformance.json');
  try {
    await makeFolder(folder);
    await writeFileAtomically(file, `${JSON.stringify(conformanceSchema.parse(conformance), null, 2)}\n`);
    await writeFileAtomically(join(folder, 'index.html'), conformanceHtml(conformance));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new UserError(`Cannot write the report to ${file} (${code}).`, { exitCode: 3, cause });
  }
  if (key !== null) await attestConformance(folder, key);
  return file;
}
