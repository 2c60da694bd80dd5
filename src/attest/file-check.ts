import type { Report } from '../report/report.ts';
import { type Finding, quoted } from './finding.ts';
import { filesNamedBy, findFile, namesInEvidence } from './report-files.ts';

export interface FileCheck {
  readonly findings: readonly Finding[];
  /** SHA-256 of each existing file that the report names, by name, in the report's order. */
  readonly digests: ReadonlyMap<string, string>;
}

/**
 * Compares the folder `evidence/` with the report: it must contain every named file with its digest, and no others.
 *
 * @param onFile gets each file that is there, also one with another digest; the bytes are not kept, as evidence is large
 * @throws UserError (2) when the folder cannot be listed
 */
export async function checkFiles(
  folder: string,
  report: Report,
  onFile: (name: string, bytes: Buffer) => void = () => {},
): Promise<FileCheck> {
  const findings: Finding[] = [];
  const digests = new Map<string, string>();
  const complain = (message: string) => findings.push({ about: 'file', message });
  const named = filesNamedBy(report);
  for (const { name, sha256 } of named) {
    const found = await findFile(folder, name);
    if ('missing' in found) {
      complain(`The file ${name}, which report.json names, cannot be read: ${found.missing}.`);
      continue;
    }
    digests.set(name, found.sha256);
    if (sha256 === null) complain(`report.json names the file ${name} without its digest.`);
    else if (found.sha256 !== sha256) {
      complain(`The file ${name} does not match report.json: its SHA-256 is ${found.sha256}, not ${sha256}.`);
    }
    onFile(name, found.bytes);
  }
  const names = new Set(named.map(({ name }) => name));
  for (const name of await namesInEvidence(folder)) {
    if (!names.has(name)) complain(`The file ${quoted(name)} is in the folder, but report.json does not name it.`);
  }
  return { findings, digests };
}
