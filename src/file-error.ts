import { messageOf } from './error-message.ts';

/** The file system's error in words, with the code for searches. */
export function fileErrorReason(error: unknown): string {
  const code = fileErrorCode(error);
  const words = code === null ? undefined : wordsOf[code];
  if (words !== undefined) return `${words} (${code})`;
  return messageOf(error);
}

export function fileErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

const wordsOf: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is exceeded',
  EEXIST: 'a file of that name exists',
  EISDIR: 'it is a folder',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space is left',
  ENOTDIR: 'a part of the path is not a folder',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
};
