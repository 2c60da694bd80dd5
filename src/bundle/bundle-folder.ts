import { createHash } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { messageOf } from '../error-message.ts';
import { lineScrubber, redactJson, redactObject, scrubText } from '../evidence/redaction.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { UserError } from '../user-error.ts';
import type { BundleIndex } from './bundle-index.ts';
import { scrubbedLog } from './scrubbed-log.ts';

/** A file of a bundle. */
export interface BundleFile {
  /** Below the bundle's folder, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/**
 * The folder that a bundle is written to. Every method that writes a file redacts its input, and nothing else writes files:
 * so nothing secret can come into a bundle by being forgotten.
 */
export class BundleFolder {
  readonly folder: string;
  readonly #files = new Map<string, BundleFile>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Creates the folder if it is missing. @throws UserError if it is not empty, or cannot be created */
  static async create(folder: string): Promise<BundleFolder> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await readdir(folder)).length === 0) return new BundleFolder(folder);
    } catch (error) {
      const reason = messageOf(error);
      throw new UserError(`The folder ${folder} for the bundle cannot be created: ${reason}.`, { cause: error });
    }
    throw new UserError(`The folder ${folder} for the bundle is not empty; name a new folder.`);
  }

  /** What was written so far, by path. */
  get files(): readonly BundleFile[] {
    return [...this.#files.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  /** Objects as documents of YAML, each as {@link redactObject} leaves it. */
  async writeObjects(path: readonly string[], objects: readonly KubeObject[]): Promise<void> {
    const documents = objects.map((object) => `---\n${stringify(redactObject(object), { lineWidth: 0 })}`);
    await this.#write(path, documents.join(''));
  }

  /** @param text JSON. @throws SyntaxError if it is not valid JSON; then nothing is written */
  async writeJson(path: readonly string[], text: string): Promise<void> {
    await this.#write(path, `${JSON.stringify(redactJson(parseJson(text)), null, 2)}\n`);
  }

  /** The end of a log, of at most so many bytes. @returns whether earlier lines were left out */
  async writeLog(path: readonly string[], lines: AsyncIterable<string>, mostBytes: number): Promise<boolean> {
    const { text, whole } = await scrubbedLog(lines, mostBytes);
    await this.#write(path, text);
    return !whole;
  }

  /** A text of lines. */
  async writeText(path: readonly string[], text: string): Promise<void> {
    await this.#write(path, text.split('\n').map(lineScrubber()).join('\n'));
  }

  /** Writes `index.json`, which names every other file. */
  async writeIndex(about: Omit<BundleIndex, 'files'>): Promise<void> {
    await this.#writeFile(['index.json'], `${JSON.stringify({ ...about, files: this.files }, null, 2)}\n`);
  }

  async #write(path: readonly string[], content: string): Promise<void> {
    const names = path.map(fileName);
    await this.#writeFile(names, content);
    const bytes = Buffer.from(content);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const name = names.join('/');
    this.#files.set(name, { path: name, bytes: bytes.length, sha256 });
  }

  async #writeFile(names: readonly string[], content: string): Promise<void> {
    const file = join(this.folder, ...names);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, content, { flag: 'wx', mode: 0o600 });
  }
}

/** A name from a cluster as one of a file: no name leads out of the folder, or hides. */
export function fileName(name: string): string {
  const safe = scrubText(name).replaceAll(/[^\w.@-]/g, '_');
  return safe.startsWith('.') || safe === '' ? `_${safe}` : safe;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // V8's own message quotes the text.
    throw new SyntaxError(`the answer of ${text.length} characters is not JSON`);
  }
}
