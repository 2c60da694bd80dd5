import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf } from '../../error-message.ts';
import { fileErrorCode, fileErrorReason } from '../../file-error.ts';
import { UserError } from '../../user-error.ts';
import { shortened, visibleLine } from '../visible-text.ts';

/** A kind of JSON document that Padlock writes, with the words for rejecting any other document in one sentence. */
export interface DocumentKind<Content> {
  /** How messages name such a file, e.g. `Evidence file`. */
  readonly file: string;
  /** What it is, e.g. `evidence`. */
  readonly noun: string;
  /** The schema versions that this Padlock reads. */
  readonly versions: readonly number[];
  readonly schema: z.ZodType<Content>;
  /** The file to name instead of a folder. */
  readonly insteadOfFolder: string;
  /** Recognises a document of another kind; returns a sentence about it. */
  mistakenFor(document: Readonly<Record<string, unknown>>, file: string): string | null;
}

/**
 * Reads a document.
 *
 * @throws UserError with exit code 2 and one sentence: not there, not readable, not UTF-8, not JSON (cut off: at which
 * offset), of another schema version, or not as the schema demands (the first thing, and where in the document).
 */
export async function readDocument<Content>(kind: DocumentKind<Content>, file: string): Promise<Content> {
  return parseDocument(kind, file, await readBytes(kind, file));
}

/** {@link readDocument} for bytes that were read already. @throws UserError as there */
export function parseDocument<Content>(kind: DocumentKind<Content>, file: string, bytes: Buffer): Content {
  const document = parseJson(kind, file, decodeUtf8(kind, file, bytes));
  refuseOtherVersions(kind, file, document);
  const parsed = kind.schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const { error } = parsed;
  throw new UserError(`${kind.file} ${file} is malformed: ${describeIssue(error)}.`, { cause: error });
}

async function readBytes(kind: DocumentKind<unknown>, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const hint = fileErrorCode(cause) === 'EISDIR' ? `; ${kind.insteadOfFolder}` : '';
    throw new UserError(`Cannot read ${lowered(kind.file)} ${file}: ${fileErrorReason(cause)}${hint}.`, { cause });
  }
}

function decodeUtf8(kind: DocumentKind<unknown>, file: string, bytes: Buffer): string {
  if (bytes.length === 0) throw new UserError(`${kind.file} ${file} is empty.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserError(`${kind.file} ${file} is not UTF-8 text, so it cannot be JSON.`, { cause });
  }
}

function parseJson(kind: DocumentKind<unknown>, file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = messageOf(cause);
    const position = positionOf(message) ?? (message.startsWith('Unexpected end') ? text.length : null);
    if (position !== null && position >= text.trimEnd().length) {
      throw new UserError(
        `${kind.file} ${file} is cut off: it ends at offset ${text.length}, in the middle of its JSON document.`,
        { cause },
      );
    }
    const where = position === null ? '' : ` at offset ${position}`;
    // V8 may quote the file after a comma, but a wrong file may contain secrets.
    const detail = visibleLine(message.replace(/(?:(?: in JSON)? at position|, (?:\.\.\.)?").*$/s, ''));
    throw new UserError(`${kind.file} ${file} is not JSON${where}: ${detail}.`, { cause });
  }
}

/** V8 names the offset for most errors, though not for a character that no JSON value can begin with. */
function positionOf(message: string): number | null {
  const found = / at position (\d+)/.exec(message)?.[1];
  return found === undefined ? null : Number(found);
}

function refuseOtherVersions(kind: DocumentKind<unknown>, file: string, document: unknown): void {
  const { data } = z.looseObject({ schemaVersion: z.unknown() }).safeParse(document);
  if (data === undefined || data.schemaVersion === undefined) {
    throw new UserError(`File ${file} is JSON but not ${kind.noun} of Padlock: schemaVersion is missing.`);
  }
  const mistake = kind.mistakenFor(data, file);
  if (mistake !== null) throw new UserError(mistake);
  if (!kind.versions.some((version) => version === data.schemaVersion)) {
    const version = shortened(visibleLine(JSON.stringify(data.schemaVersion)), 40);
    throw new UserError(
      `${kind.file} ${file} has schema version ${version}, but this Padlock reads ${kind.versions.join(' and ')}. Use the Padlock version that wrote it.`,
    );
  }
}

function describeIssue(error: z.ZodError): string {
  const [first] = error.issues;
  if (first === undefined) return 'it does not match the schema';
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

function lowered(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
