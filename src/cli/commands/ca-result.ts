import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folderOfResult, publishedResultOf } from '../../acme/runner/published-result.ts';
import { attestationName } from '../../attest/index.ts';
import { fileErrorCode, fileErrorReason } from '../../file-error.ts';
import { badgeSvg } from '../../report/conformance/badge.ts';
import { exitCode } from '../../report/exit-code.ts';
import { makeFolder } from '../../report/folder/make-folder.ts';
import { conformanceName, readConformance } from '../../report/folder/read-conformance.ts';
import { writeFileAtomically } from '../../report/folder/write-file-atomically.ts';
import { UserError } from '../../user-error.ts';

/** `padlock ca result REPORT`: what is published of a report, in a folder for the server, its version and its mode. */
export async function caResult(report: string, { into }: { readonly into: string }): Promise<number> {
  const conformance = await readConformance(report);
  const bytes = await readFile(join(report, conformanceName)).catch((cause: unknown) => {
    throw new UserError(`Name the report folder, not a file in it: ${fileErrorReason(cause)}.`, { cause });
  });
  const result = publishedResultOf(conformance, createHash('sha256').update(bytes).digest('hex'));
  const folder = join(into, folderOfResult(result));
  try {
    await makeFolder(folder);
    await writeFileAtomically(join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
    await writeFileAtomically(join(folder, 'badge.svg'), badgeSvg(result));
    await copyFile(join(report, attestationName), join(folder, attestationName)).catch((cause: unknown) => {
      if (fileErrorCode(cause) !== 'ENOENT') throw cause;
    });
  } catch (cause) {
    throw new UserError(`Cannot write the result to ${folder}: ${fileErrorReason(cause)}.`, { cause });
  }
  process.stdout.write(`${folder}\n`);
  return exitCode.passed;
}
