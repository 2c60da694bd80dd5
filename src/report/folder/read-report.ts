import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Report, readableReportVersions, reportSchema } from '../report.ts';
import { type DocumentKind, parseDocument, readDocument } from './read-document.ts';

const reportDocument: DocumentKind<Report> = {
  file: 'Report file',
  noun: 'a report',
  versions: readableReportVersions,
  schema: reportSchema,
  insteadOfFolder: 'name the report.json in it',
  mistakenFor: (document, file) =>
    'subject' in document && 'probes' in document
      ? `File ${file} is evidence, not a report; name the folder of its report, or judge it with 'padlock judge'.`
      : null,
};

/** Where a report is: a folder with a `report.json`, or that file itself. */
export async function reportFileOf(location: string): Promise<string> {
  const isFolder = await stat(location).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? path.join(location, 'report.json') : location;
}

/**
 * Reads a report.
 *
 * @param location a folder with a `report.json`, or that file itself
 * @throws UserError (2), see {@link readDocument}
 */
export async function readReport(location: string): Promise<Report> {
  return readDocument(reportDocument, await reportFileOf(location));
}

/** A report from the bytes of its file. @throws UserError (2), see {@link readDocument} */
export function parseReport(file: string, bytes: Buffer): Report {
  return parseDocument(reportDocument, file, bytes);
}
