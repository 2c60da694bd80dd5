import { folderOf, isForTests, isTest, type SourceFile } from './source-files.ts';

/** Which folders may import which. Paths are relative to the root; `*` stands for one folder's name. */
export interface ImportRules {
  /** For what runs. Each folder may also import itself and the files directly in `src`. */
  readonly folders: Readonly<Record<string, readonly string[]>>;
  /**
   * What test files and fixtures may import beyond their folder's line and whatever that line leads to, which such a
   * test loads anyway. They may import every fixture and `testing` folder, which in turn nothing else may import.
   */
  readonly tests: Readonly<Record<string, readonly string[]>>;
}

const shared = 'src';

/** Compares imports with the rules. @returns a sentence for each deviation, both of the imports and of the rules */
export function judgeImports(files: readonly SourceFile[], rules: ImportRules): string[] {
  const judge = new ImportJudge(rules);
  const deviations = files.flatMap((file) => judge.deviationsOf(file));
  return [...new Set([...deviations, ...judge.unusedLines()])];
}

/** The keys in a table that stand for a folder, the exact one first. */
export function lineFor(folder: string, table: Readonly<Record<string, unknown>>): string | undefined {
  return folder in table ? folder : Object.keys(table).find((pattern) => matches(folder, pattern));
}

function matches(folder: string, pattern: string): boolean {
  const parts = pattern.split('/');
  const names = folder.split('/');
  return parts.length === names.length && parts.every((part, index) => part === '*' || part === names[index]);
}

class ImportJudge {
  readonly #rules: ImportRules;
  readonly #unused: Map<string, Set<string>>;
  readonly #unusedForTests: Map<string, Set<string>>;
  /** The lines for which a folder exists. */
  readonly #metLines = new Set<string>();
  /** Pairs of folders that a deviation names already: one file tells enough. */
  readonly #named = new Set<string>();

  constructor(rules: ImportRules) {
    this.#rules = rules;
    const entries = (table: ImportRules['folders']) =>
      new Map(Object.entries(table).map(([folder, allowed]) => [folder, new Set(allowed)]));
    this.#unused = entries(rules.folders);
    this.#unusedForTests = entries(rules.tests);
  }

  deviationsOf({ file, imports }: SourceFile): string[] {
    const folder = folderOf(file);
    const line = lineFor(folder, this.#rules.folders);
    if (line === undefined) return [`${folder} has no line in the import rules.`];
    this.#metLines.add(line);
    return imports.flatMap(({ target }) => {
      const from = folderOf(target);
      if (isTest(file)) return this.#allowsTest(folder, line, target) ? [] : [`${file} must not import ${target}.`];
      if (isForTests(target) && !isForTests(file))
        return [`${file} must not import ${target}, which is for tests only.`];
      if (from === folder || from === shared || this.#allows(this.#unused, line, from)) return [];
      if (this.#named.has(`${line} ${from}`)) return [];
      this.#named.add(`${line} ${from}`);
      return [`${file} must not import ${target}: ${line} may not import ${from}.`];
    });
  }

  /** Lines without a folder, and folders on a line which nothing imports. */
  unusedLines(): string[] {
    const unused = (table: Map<string, Set<string>>, where: string) =>
      [...table].flatMap(([line, entries]) =>
        [...entries].map((entry) => `${line} imports nothing of ${entry}: remove it from its line${where}.`),
      );
    const lines = Object.keys(this.#rules.folders).filter((line) => !this.#metLines.has(line));
    return [
      ...lines.map((line) => `${line} contains no TypeScript: remove its line from the import rules.`),
      ...unused(this.#unused, ''),
      ...unused(this.#unusedForTests, ' for tests'),
    ];
  }

  #allowsTest(folder: string, line: string, target: string): boolean {
    const from = folderOf(target);
    if (from === folder || from === shared || isForTests(target)) return true;
    // Used for real by a test alone still is unused for what runs, so this does not mark the entries of the line.
    if (this.#below(line).some((entry) => matches(from, entry))) return true;
    const testLine = lineFor(folder, this.#rules.tests);
    return testLine !== undefined && this.#allows(this.#unusedForTests, testLine, from);
  }

  #allows(table: Map<string, Set<string>>, line: string, from: string): boolean {
    const allowed = table === this.#unused ? this.#rules.folders[line] : this.#rules.tests[line];
    const entries = allowed?.filter((entry) => matches(from, entry)) ?? [];
    for (const entry of entries) table.get(line)?.delete(entry);
    return entries.length > 0;
  }

  /** Every folder that a line leads to. */
  #below(line: string): readonly string[] {
    const reached = new Set(this.#rules.folders[line]);
    // A Set gives its iterator what is added meanwhile.
    for (const folder of reached) {
      const next = lineFor(folder, this.#rules.folders);
      for (const entry of (next && this.#rules.folders[next]) || []) reached.add(entry);
    }
    return [...reached];
  }
}
