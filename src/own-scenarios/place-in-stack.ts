import { fileURLToPath } from 'node:url';

/**
 * The innermost place of a stack trace that is in one of the user's own files: `file:line`.
 *
 * @param isOwn whether a file, given by its path, belongs to the user
 * @returns null if the trace names none, or there is no trace
 */
export function placeInStack(error: unknown, isOwn: (file: string) => boolean): string | null {
  if (!(error instanceof Error) || error.stack === undefined) return null;
  // A message may name places, too, such as that of a manifest.
  const stack = error.stack.replace(error.message, () => '');
  // Where a module does not compile, the place is the first line of the stack.
  for (const [, url, line] of stack.matchAll(/(file:\/\/[^\s)]+?|(?<=^|[\s(])\/[^\s)]+?):(\d+)(?::\d+)?(?=[\s)]|$)/g)) {
    if (url === undefined || line === undefined) continue;
    const file = url.startsWith('file:') ? fileURLToPath(url.replace(/\?.*$/, '')) : url;
    if (isOwn(file)) return `${file}:${line}`;
  }
  return null;
}
