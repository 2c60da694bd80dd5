import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileErrorCode, fileErrorReason } from '../file-error.ts';
import type { Report } from '../report/report.ts';
import { UserError } from '../user-error.ts';
import { readBoundedFile, UnsuitableFileError } from './bounded-file.ts';

export const reportName = 'report.json';
export const attestationName = 'attestation.intoto.json';
const evidenceFolder = 'evidence';

const mebibyte = 1024 * 1024;
const maxBytes = { report: 64 * mebibyte, evidence: 256 * mebibyte, attestation: 16 * mebibyte } as const;

/** A file that a report names: an evidence file or a picture. */
export interface NamedFile {
  /** Relative to the report's folder, with `/`, e.g. `evidence/http01-ingress.json`. */
  readonly name: string;
  /** The digest in the report; null if it names a file without a digest. */
  readonly sha256: string | null;
}

/** A file in a report's folder. If it is missing or unreadable, the reason, as the end of a sentence. */
export type FoundFile =
  | { readonly name: string; readonly bytes: Buffer; readonly sha256: string }
  | { readonly name: string; readonly missing: string };

/** Every file in `evidence/` that the report names; the schema of the report keeps their names inside that folder. */
export function filesNamedBy(report: Report): NamedFile[] {
  return report.scenarios.flatMap(({ evidence, evidenceSha256, browser }) => [
    ...(evidence === null ? [] : [{ name: evidence, sha256: evidenceSha256 }]),
    ...(browser?.screenshot ? [{ name: browser.screenshot, sha256: browser.screenshotSha256 }] : []),
  ]);
}

/** Reads a file of a report's folder, within a bound and never through a link. */
export async function findFile(folder: string, name: string): Promise<FoundFile> {
  try {
    const limit =
      name === reportName ? maxBytes.report : name === attestationName ? maxBytes.attestation : maxBytes.evidence;
    const { bytes } = await readBoundedFile(path.join(folder, name), { maxBytes: limit });
    return { name, bytes, sha256: sha256Of(bytes) };
  } catch (error) {
    if (error instanceof UnsuitableFileError) return { name, missing: error.message };
    if (fileErrorCode(error) === null) throw error;
    return { name, missing: fileErrorReason(error) };
  }
}

/** The sorted names of all files in `evidence/`, in the notation of a report. Empty if the folder does not exist. */
export async function namesInEvidence(folder: string): Promise<string[]> {
  try {
    const names = await readdir(path.join(folder, evidenceFolder));
    return names.map((name) => `${evidenceFolder}/${name}`).toSorted();
  } catch (cause) {
    if (fileErrorCode(cause) === 'ENOENT') return [];
    throw new UserError(`Cannot read the folder ${path.join(folder, evidenceFolder)}: ${fileErrorReason(cause)}.`, {
      cause,
    });
  }
}

export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The report's bytes. @throws UserError (2) when they cannot be read */
export async function reportBytes(folder: string): Promise<Buffer> {
  const found = await findFile(folder, reportName);
  if ('bytes' in found) return found.bytes;
  throw new UserError(`Cannot read report file ${path.join(folder, reportName)}: ${found.missing}.`);
}
