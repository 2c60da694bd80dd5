import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

/** The folders at the top of the repository that contain TypeScript. */
const sourceRoots = ['src', 'suites', 'faults', 'e2e', 'scripts'];

/** One import of a file of the repository by another. */
export interface FileImport {
  /** Relative to the root of the repository, as every path here, e.g. `src/kube/watch.ts`. */
  readonly target: string;
  /** Whether only types are imported, so that nothing is loaded when the program runs. */
  readonly typeOnly: boolean;
}

export interface SourceFile {
  readonly file: string;
  readonly imports: readonly FileImport[];
}

/** Reads every TypeScript file below the source roots, in the order of their names. */
export function readSourceFiles(root: string): SourceFile[] {
  return sourceRoots
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('node_modules/'))
    .sort()
    .map((file) => ({ file, imports: importsOf(file, readFileSync(join(root, file), 'utf8')) }));
}

/** The imports of TypeScript files in a formatted text, static and dynamic. */
export function importsOf(file: string, text: string): FileImport[] {
  // Biome writes each import at the start of a line, which no comment and no template in this repository does.
  const statics = text.matchAll(
    /^(?:import|export)\s(?<type>type\s)?(?:(?<names>[^'";]*?)\sfrom\s)?'(?<path>\.[^']*\.ts)'/gm,
  );
  // Double quotes enclose only texts that quote something themselves.
  const dynamics = text
    .replaceAll(/"[^"\n]*"/g, '""')
    .matchAll(/(?<type>typeof\s+)?\bimport\('(?<path>\.[^']*\.ts)'\)/g);
  return [...statics, ...dynamics].map(({ groups }) => ({
    target: posix.join(dirname(file), groups?.path ?? ''),
    typeOnly: groups?.type !== undefined || namesOnlyTypes(groups?.names),
  }));
}

/** `{ type A, type B }` */
function namesOnlyTypes(names: string | undefined): boolean {
  const listed = /^\{(.*)\}$/s.exec(names?.trim() ?? '')?.[1];
  const parts = listed?.split(',').filter((part) => part.trim() !== '') ?? [];
  return parts.length > 0 && parts.every((part) => /^\s*type\s/.test(part));
}

export function folderOf(file: string): string {
  return dirname(file);
}

/** Whether a file is a test, or made for the tests beside it. */
export function isTest(file: string): boolean {
  return /(\.(test|contract|suite)|-fixture)\.ts$/.test(file);
}

/** Whether only tests may import a file: a test, a fixture, or anything in `e2e` or a `testing` folder. */
export function isForTests(file: string): boolean {
  return isTest(file) || /(^|\/)(testing|e2e)\//.test(file);
}
