import { join } from 'node:path';
import { type Conformance, conformanceSchema } from '../../acme/runner/conformance.ts';
import { attestConformance, type SigningKey } from '../../attest/index.ts';
import { conformanceJunit } from '../../report/conformance/conformance-junit.ts';
import { conformanceMarkdown } from '../../report/conformance/conformance-markdown.ts';
import { directoriesHtml, directoriesMarkdown, type TestedDirectory } from '../../report/conformance/directories.ts';
import { makeFolder } from '../../report/folder/make-folder.ts';
import { conformanceName, readConformance } from '../../report/folder/read-conformance.ts';
import { writeFileAtomically } from '../../report/folder/write-file-atomically.ts';
import { conformanceHtml } from '../../report/html/conformance-html.ts';
import { UserError } from '../../user-error.ts';

export interface WrittenConformance {
  /** The path of conformance.json. */
  readonly file: string;
  /** The text of summary.md. */
  readonly summary: string;
}

/**
 * Writes conformance.json, index.html, junit.xml and summary.md, and the attestation where there is a key.
 *
 * @throws UserError (3) if that cannot be done
 */
export async function writeConformance(
  conformance: Conformance,
  folder: string,
  key: SigningKey | null,
): Promise<WrittenConformance> {
  const file = join(folder, conformanceName);
  const contents = `${JSON.stringify(conformanceSchema.parse(conformance), null, 2)}\n`;
  await writeFiles(folder, [[conformanceName, contents], ...derivedOf(conformance)]);
  if (key !== null) await attestConformance(folder, key);
  return { file, summary: conformanceMarkdown(conformance) };
}

/**
 * Writes junit.xml, summary.md and index.html again from the conformance.json beside them.
 *
 * @throws UserError (2) if that is not a report, (3) if the folder cannot be written
 */
export async function deriveConformance(folder: string): Promise<void> {
  const conformance = await readConformance(folder);
  await writeFiles(folder, derivedOf(conformance));
}

function derivedOf(conformance: Conformance): readonly (readonly [string, string])[] {
  return [
    ['junit.xml', conformanceJunit(conformance)],
    ['summary.md', conformanceMarkdown(conformance)],
    ['index.html', conformanceHtml(conformance)],
  ];
}

/** Writes the page and the summary of several directories. @throws UserError (3) if that cannot be done */
export async function writeDirectories(tested: readonly TestedDirectory[], folder: string): Promise<void> {
  await writeFiles(folder, [
    ['summary.md', directoriesMarkdown(tested)],
    ['index.html', directoriesHtml(tested)],
  ]);
}

async function writeFiles(folder: string, contents: readonly (readonly [string, string])[]): Promise<void> {
  try {
    await makeFolder(folder);
    for (const [name, content] of contents) await writeFileAtomically(join(folder, name), content);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new UserError(`Cannot write the report to ${folder} (${code}).`, { exitCode: 3, cause });
  }
}
