import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../src/user-error.ts';
import { type Kind, kinds, subfoldersOf } from './kinds.ts';

/** What a scaffold has written, and what its author does next. */
export interface Scaffold {
  /** Files relative to the root. */
  readonly written: readonly string[];
  readonly next: readonly string[];
}

const templates = join(import.meta.dirname, 'templates');
const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Writes the files that a new scenario, check, rule, ACME check, fault or CA starts with.
 *
 * @param words of the command line: the kind, and the name or SUBFOLDER/NAME
 * @param taken the ids that exist, by kind
 * @throws UserError (2) before anything is written: an unknown kind, a bad name, an id that is taken, or a file that exists
 */
export function scaffold(
  root: string,
  words: readonly string[],
  taken: Readonly<Record<string, readonly string[]>> = {},
): Scaffold {
  const [id, name, ...more] = words;
  const kind = kinds.find((candidate) => candidate.id === id);
  if (kind === undefined || name === undefined || more.length > 0) {
    const known = kinds.map((candidate) => candidate.id).join(', ');
    const wrong = id !== undefined && kind === undefined ? `Unknown kind '${id}'. ` : '';
    throw new UserError(`${wrong}Usage: npm run new -- KIND NAME, where KIND is one of ${known}.`);
  }
  const values = valuesOf(root, kind, name);
  if (taken[kind.id]?.includes(values.name)) {
    throw new UserError(`The name '${values.name}' is taken: choose another name for ${kind.what}.`);
  }
  const placeholders: Readonly<Record<string, string>> = values;
  const fill = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (placeholder, key: string) => placeholders[key] ?? placeholder);
  const files = kind.files.map(({ template, target }) => ({
    target: fill(target),
    text: fill(readFileSync(join(templates, template), 'utf8')),
  }));
  const existing = files.find(({ target }) => existsSync(join(root, target)));
  if (existing) throw new UserError(`${existing.target} exists already: edit it, or choose another name.`);
  for (const { target, text } of files) {
    mkdirSync(dirname(join(root, target)), { recursive: true });
    writeFileSync(join(root, target), text);
  }
  return { written: files.map(({ target }) => target), next: kind.next.map(fill) };
}

/** Breaks lines and sorts imports as the name asks for: no template can know how long it is. */
export function formatFiles(root: string, files: readonly string[]): void {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  execFileSync(process.execPath, [biome, 'check', '--write', '--vcs-enabled=false', ...files], {
    cwd: root,
    stdio: 'pipe',
  });
}

/** What `--help` prints: the kinds, with the names that each takes. */
export function usage(root: string): string {
  const lines = kinds.map((kind) => {
    const folders = kind.sortedInto === undefined ? '' : subfoldersOf(root, kind).join(', ');
    const byDefault = kind.defaultFolder === undefined ? '' : `; default ${kind.defaultFolder}`;
    const name = kind.defaultFolder === undefined ? 'FOLDER/NAME' : '[FOLDER/]NAME';
    const named = folders === '' ? 'NAME' : `${name} (FOLDER: ${folders}${byDefault})`;
    return `  ${kind.id.padEnd(11)} ${kind.what}: ${named}\n`;
  });
  return `Usage: npm run new -- KIND NAME\n\nNames are in kebab-case. Kinds:\n${lines.join('')}`;
}

function valuesOf(
  root: string,
  kind: Kind,
  given: string,
): Readonly<Record<string, string>> & { readonly name: string } {
  const parts = given.split('/');
  const name = parts.pop() ?? '';
  if (parts.length === 0 && kind.defaultFolder !== undefined) parts.push(kind.defaultFolder);
  const [folder] = parts;
  if (kind.sortedInto !== undefined) {
    const folders = subfoldersOf(root, kind);
    if (parts.length !== 1 || folder === undefined || !folders.includes(folder)) {
      throw new UserError(
        `The name of ${kind.what} is FOLDER/NAME, where FOLDER is one of ${folders.join(', ')}; '${given}' is not.`,
      );
    }
  }
  if ((kind.sortedInto === undefined && parts.length > 0) || !namePattern.test(name)) {
    throw new UserError(
      `'${given}' is not a name in kebab-case, as in ${kind.id === 'ca' ? 'step-ca' : 'no-such-host'}.`,
    );
  }
  const words = name.split('-');
  const camel = words
    .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
    .join('');
  const title = words.join(' ').replace(/^./, (letter) => letter.toUpperCase());
  return { name, camel, title, ...(folder === undefined ? {} : { folder }), ...kind.values?.(root) };
}
