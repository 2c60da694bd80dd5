import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../error-message.ts';
import { programFile } from '../program-file.ts';
import { scaled } from '../time-scale.ts';
import { UserError } from '../user-error.ts';
import { watchForBlocks } from './blocked-thread.ts';
import { placeInStack } from './place-in-stack.ts';
import { refuseExitOf } from './refuse-exit.ts';
import { uncaughtErrorsOf } from './uncaught-errors.ts';

/** The public API, by what a user's module imports. */
const library: Readonly<Record<string, string>> = {
  padlock: programFile(import.meta.dirname, '..', 'library', 'padlock'),
};

const loadWithinMs = 20_000;
let hooksAreRegistered = false;

/**
 * Loads a user's module. In it, `padlock` is the Padlock that runs it, installed or not.
 *
 * @returns its default export
 * @throws UserError (2) in one sentence with file and line where it does not compile, throws or does not end
 */
export async function loadModule(file: string): Promise<unknown> {
  if (!hooksAreRegistered) {
    hooksAreRegistered = true;
    registerHooks({
      resolve(specifier, context, next) {
        const own = Object.hasOwn(library, specifier) ? library[specifier] : undefined;
        return own === undefined ? next(specifier, context) : { url: pathToFileURL(own).href, shortCircuit: true };
      },
    });
  }
  const isOwn = isBelow(dirname(file));
  refuseExitOf(isOwn);
  const withinMs = scaled(loadWithinMs);
  const stop = new AbortController();
  await watchForBlocks(dirname(file));
  const uncaught = uncaughtErrorsOf((error) => placeInStack(error, isOwn) !== null);
  try {
    const module = await Promise.race([
      uncaught.first,
      import(pathToFileURL(file).href) as Promise<{ readonly default?: unknown }>,
      delay(withinMs, undefined, { signal: stop.signal }).then(() => {
        throw new UserError(
          `The scenario ${file}:1 was not loaded within ${withinMs / 1000} s: its module does not end.`,
        );
      }),
    ]);
    return module.default;
  } catch (cause) {
    const place = placeInStack(cause, isOwn) ?? placeOfImport(cause, file) ?? `${file}:1`;
    if (cause instanceof UserError) {
      if (cause.message.includes(file)) throw cause;
      throw new UserError(`${cause.message.replace(/\.$/, '')} (${place}).`, { cause });
    }
    const [what = ''] = messageOf(cause)
      .split('\n')
      .filter((line) => line.trim() !== '');
    throw new UserError(`The scenario ${place} cannot be loaded: ${what.trim().replace(/\.$/, '')}.`, { cause });
  } finally {
    uncaught.ignore();
    stop.abort();
  }
}

/** The line that imports what does not exist; Node names only the file. */
function placeOfImport(error: unknown, file: string): string | null {
  const [, missing, importer = file] =
    /^Cannot find (?:module|package) '([^']+)'(?: imported from (\S+))?/.exec(messageOf(error)) ?? [];
  if (missing === undefined || !existsSync(importer)) return null;
  const lines = readFileSync(importer, 'utf8').split('\n');
  const index = lines.findIndex((line) => /\b(import|from)\b/.test(line) && line.includes(basename(missing)));
  return index < 0 ? null : `${importer}:${index + 1}`;
}

/** Padlock's own modules, which may be below a folder of the user. */
const padlockModules = join(import.meta.dirname, '..', '/');

/** Whether files are below a folder, and are neither packages that are installed there nor Padlock itself. */
export function isBelow(folder: string): (file: string) => boolean {
  return (file) =>
    file.startsWith(join(folder, '/')) &&
    !file.slice(folder.length).includes('/node_modules/') &&
    !file.startsWith(padlockModules);
}
