import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileErrorReason } from '../file-error.ts';
import { UserError } from '../user-error.ts';
import { type LoadReport, loadReportSchema, loadSchemaVersion } from './load-report.ts';

/** The name of a load's report in its folder. */
export const loadReportName = 'load.json';

/** Reads the report of a load. @param folder that has it @throws UserError (2) for anything else */
export async function readLoad(folder: string): Promise<LoadReport> {
  const file = join(folder, loadReportName);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UserError(`Cannot read ${file}: ${fileErrorReason(cause)}. Name the report folder of padlock load.`, {
      cause,
    });
  });
  return parseLoad(text, file);
}

/** @param file its name in messages @throws UserError (2) */
export function parseLoad(text: string, file: string): LoadReport {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new UserError(`File ${file} is not JSON. Name a report of padlock load.`, { cause });
  }
  const read = loadReportSchema.safeParse(document);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.');
  throw new UserError(
    `File ${file} is not a report of padlock load of version ${loadSchemaVersion}: ${where}: ${issue?.message ?? 'unknown'}.`,
  );
}
