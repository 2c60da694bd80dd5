import path from 'node:path';
import { fileErrorReason } from '../file-error.ts';
import { parseReport } from '../report/folder/read-report.ts';
import { writeFileAtomically } from '../report/folder/write-file-atomically.ts';
import { UserError } from '../user-error.ts';
import { sealEnvelope } from './envelope.ts';
import { checkFiles } from './file-check.ts';
import { attestationName, reportBytes, reportName, sha256Of } from './report-files.ts';
import type { SigningKey } from './signing-key.ts';
import { statementOf } from './statement.ts';

/**
 * Signs the report in a folder: writes `attestation.intoto.json`, a DSSE envelope around an in-toto statement whose
 * subjects are `report.json` and every file in `evidence/`. Call it when everything else of the report is written.
 *
 * @returns the path of the attestation
 * @throws UserError (2), one sentence: no report there, files that are not those the report names, or not writable
 */
export async function attestReports(folder: string, key: SigningKey): Promise<string> {
  const bytes = await reportBytes(folder);
  const report = parseReport(path.join(folder, reportName), bytes);
  const { findings, digests } = await checkFiles(folder, report);
  const [finding] = findings;
  if (finding !== undefined) throw new UserError(`The report in ${folder} was not signed: ${finding.message}`);

  const subjects = [{ name: reportName, digest: { sha256: sha256Of(bytes) } }];
  for (const [name, sha256] of digests) subjects.push({ name, digest: { sha256 } });
  const statement = Buffer.from(JSON.stringify(statementOf(report, subjects)));
  const file = path.join(folder, attestationName);
  try {
    await writeFileAtomically(file, sealEnvelope(statement, key));
  } catch (cause) {
    throw new UserError(`Cannot write the attestation ${file}: ${fileErrorReason(cause)}.`, { cause });
  }
  return file;
}
