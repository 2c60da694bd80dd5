import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Evidence, evidenceSchema, evidenceSchemaVersion } from '../evidence/evidence.ts';
import { UserError } from '../user-error.ts';
import { fileErrorCode, fileErrorReason } from './file-error.ts';
import { shortened, visibleLine } from './visible-text.ts';

/**
 * Reads an evidence file, as `padlock judge` is given it.
 *
 * @throws UserError with exit code 2 and one sentence: not there, not readable, not UTF-8, not JSON (cut off: at which
 * offset), of another schema version, or not as the schema demands (the first thing, and where in the document).
 */
export async function readEvidence(file: string): Promise<Evidence> {
  const document = parseJson(file, decodeUtf8(file, await readBytes(file)));
  refuseOtherVersions(file, document);
  const { data, error } = evidenceSchema.safeParse(document);
  if (data !== undefined) return data;
  throw new UserError(`Evidence file ${file} is malformed: ${describeIssue(error)}.`, { cause: error });
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = fileErrorReason(cause);
    const hint = fileErrorCode(cause) === 'EISDIR' ? '; name the files in it, e.g. evidence/http01-ingress.json' : '';
    throw new UserError(`Cannot read evidence file ${file}: ${reason}${hint}.`, { cause });
  }
}

function decodeUtf8(file: string, bytes: Buffer): string {
  if (bytes.length === 0) throw new UserError(`Evidence file ${file} is empty.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserError(`Evidence file ${file} is not UTF-8 text, so it cannot be JSON.`, { cause });
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const position = positionOf(message) ?? (message.startsWith('Unexpected end') ? text.length : null);
    if (position !== null && position >= text.trimEnd().length) {
      throw new UserError(
        `Evidence file ${file} is cut off: it ends at offset ${text.length}, in the middle of its JSON document.`,
        { cause },
      );
    }
    const where = position === null ? '' : ` at offset ${position}`;
    // V8 may quote the file after a comma; what a wrong file holds is nobody's business.
    const detail = visibleLine(message.replace(/(?:(?: in JSON)? at position|, (?:\.\.\.)?").*$/s, ''));
    throw new UserError(`Evidence file ${file} is not JSON${where}: ${detail}.`, { cause });
  }
}

/** V8 names the offset for most errors, though not for a character that no JSON value can begin with. */
function positionOf(message: string): number | null {
  const found = / at position (\d+)/.exec(message)?.[1];
  return found === undefined ? null : Number(found);
}

function refuseOtherVersions(file: string, document: unknown): void {
  const { data } = z.looseObject({ schemaVersion: z.unknown() }).safeParse(document);
  if (data === undefined || data.schemaVersion === undefined) {
    throw new UserError(`File ${file} is JSON but not evidence of Padlock: it has no schemaVersion.`);
  }
  if ('scenarios' in data && 'padlock' in data) {
    throw new UserError(`File ${file} is a report, not evidence; name the files in the folder evidence beside it.`);
  }
  if (data.schemaVersion !== evidenceSchemaVersion) {
    const version = shortened(visibleLine(JSON.stringify(data.schemaVersion)), 40);
    throw new UserError(
      `Evidence file ${file} has schema version ${version}, and this Padlock reads version ${evidenceSchemaVersion}; use the Padlock that recorded it.`,
    );
  }
}

function describeIssue(error: z.ZodError): string {
  const [first] = error.issues;
  if (first === undefined) return 'it does not follow the schema';
  const { path, message } = innermost(first);
  const where = path.length === 0 ? 'at its top' : `at ${shortened(visibleLine(z.core.toDotPath(path)), 200)}`;
  return `${where}, ${shortened(visibleLine(message), 300)}`;
}

/** Of a union that nothing fits, the complaint of the alternative that fits best. */
function innermost(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string } {
  if (issue.code !== 'invalid_union') return issue;
  const [best] = issue.errors.toSorted((a, b) => a.length - b.length);
  const [first] = best ?? [];
  if (first === undefined) return issue;
  const inner = innermost(first);
  return { path: [...issue.path, ...inner.path], message: inner.message };
}
