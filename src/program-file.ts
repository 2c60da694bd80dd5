import { extname, join } from 'node:path';

/**
 * The path of one of Padlock's own modules, to be run as a program or loaded by a user's one: TypeScript in a checkout, and
 * JavaScript in the installed package, as Node strips no types below node_modules.
 *
 * @param parts of the path, without the extension of the last one
 */
export function programFile(...parts: readonly string[]): string {
  return `${join(...parts)}${extname(import.meta.filename)}`;
}
