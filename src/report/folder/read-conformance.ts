import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Conformance, conformanceSchema, readableConformanceVersions } from '../../acme/runner/conformance.ts';
import { type DocumentKind, parseDocument, readDocument } from './read-document.ts';

/** The file of a report of `padlock ca`. */
export const conformanceName = 'conformance.json';

const conformanceDocument: DocumentKind<Conformance> = {
  file: 'Conformance report',
  noun: 'a conformance report',
  versions: readableConformanceVersions,
  schema: conformanceSchema,
  insteadOfFolder: `name the ${conformanceName} in it`,
  mistakenFor: (document, file) =>
    'scenarios' in document ? `File ${file} is a report of padlock run; compare it with 'padlock compare'.` : null,
};

/**
 * Reads a report of `padlock ca`.
 *
 * @param location a folder with a `conformance.json`, or that file itself
 * @throws UserError (2), see {@link readDocument}
 */
export async function readConformance(location: string): Promise<Conformance> {
  const isFolder = await stat(location).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return readDocument(conformanceDocument, isFolder ? path.join(location, conformanceName) : location);
}

/** A report from the bytes of its file. @throws UserError (2), see {@link readDocument} */
export function parseConformance(file: string, bytes: Buffer): Conformance {
  return parseDocument(conformanceDocument, file, bytes);
}
