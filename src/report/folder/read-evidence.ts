import { type Evidence, evidenceSchema, readableEvidenceVersions } from '../../evidence/evidence.ts';
import { type DocumentKind, parseDocument, readDocument } from './read-document.ts';

const evidenceDocument: DocumentKind<Evidence> = {
  file: 'Evidence file',
  noun: 'evidence',
  versions: readableEvidenceVersions,
  schema: evidenceSchema,
  insteadOfFolder: 'name the files in it, e.g. evidence/http01-ingress.json',
  mistakenFor: (document, file) =>
    'scenarios' in document && 'padlock' in document
      ? `File ${file} is a report, not evidence; name the files in the folder evidence beside it.`
      : null,
};

/** Reads an evidence file, as `padlock judge` is given it. @throws UserError (2), see {@link readDocument} */
export function readEvidence(file: string): Promise<Evidence> {
  return readDocument(evidenceDocument, file);
}

/** Evidence from the bytes of a file. @throws UserError (2), see {@link readDocument} */
export function parseEvidence(file: string, bytes: Buffer): Evidence {
  return parseDocument(evidenceDocument, file, bytes);
}
