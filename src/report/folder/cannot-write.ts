import { fileErrorCode, fileErrorReason } from '../../file-error.ts';
import { UserError } from '../../user-error.ts';

const otherFolder = 'name another folder with --report DIR';

/**
 * That a file of a report could not be written, in one sentence for the user: exit code 2, or 3 when no space is left.
 *
 * @param remedy what to do if the cause is not a full disk
 */
export function cannotWrite(file: string, cause: unknown, remedy = otherFolder): UserError {
  const full = ['ENOSPC', 'EDQUOT'].includes(fileErrorCode(cause) ?? '');
  return new UserError(
    `Cannot write the report to ${file}: ${fileErrorReason(cause)}; ${full ? `free some space, or ${remedy}` : remedy}.`,
    { exitCode: full ? 3 : 2, cause },
  );
}
