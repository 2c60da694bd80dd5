import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { UserError } from '../user-error.ts';
import { catalogue } from './catalogue.ts';

/** An OCI image in a tar file. */
export interface Image {
  readonly name: string;
  readonly archive: string;
  /** Digest of the archive, as algorithm:value. */
  readonly digest: string;
  readonly key: string;
}

/** A component as it appears in reports. */
export interface ComponentDescription {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly digest: string | null;
  readonly note?: string;
}

/** Returns the path of a program by its name. */
export type BinaryPath = (name: string) => string;

/** Everything that was built, by name. */
export class Components {
  /** The root of the cache. */
  readonly cache: string;
  readonly images: readonly Image[];
  readonly #files: ReadonlyMap<string, { readonly component: string; readonly sha256: string }>;

  constructor(
    cache: string,
    files: ReadonlyMap<string, { readonly component: string; readonly sha256: string }>,
    images: readonly Image[],
  ) {
    this.cache = cache;
    this.#files = files;
    this.images = images;
  }

  /** The path of a program. @throws UserError (3) if it was not built */
  binary(name: string): string {
    for (const path of this.#files.keys()) if (basename(path) === name) return path;
    throw new UserError(`The program ${name} is not built. Run padlock build.`, { exitCode: 3 });
  }

  /** The path of a file or folder that a component contains. @throws if none does */
  file(name: string): string {
    for (const path of this.#files.keys()) {
      const at = `${path}/`.indexOf(`/${name}/`);
      if (at >= 0) return path.slice(0, at + name.length + 1);
    }
    throw new Error(`no component contains ${name}`);
  }

  /** SHA-256 of a program, lower-case hexadecimal. */
  digest(binary: string): string {
    return this.#files.get(this.binary(binary))?.sha256 ?? '';
  }

  /** SHA-256 of a built file by its path; undefined for any other file. */
  digestOfFile(path: string): string | undefined {
    return this.#files.get(path)?.sha256;
  }

  /** One key for all images: equal keys mean equal images. */
  get key(): string {
    const keys = this.images.map(({ name, key }) => `${name} ${key}`).sort();
    return createHash('sha256').update(keys.join('\n')).digest('hex').slice(0, 32);
  }

  /** All programs and images with their sources and digests. */
  describe(): readonly ComponentDescription[] {
    const programs = [...this.#files].flatMap(([path, { component, sha256 }]) => {
      const part = catalogue.find(({ id }) => id === component);
      const isProgram = part?.recipes.some((recipe) =>
        recipe.kind === 'go'
          ? Object.values(recipe.programs).includes(basename(path))
          : recipe.kind === 'wheel' && recipe.program === basename(path),
      );
      if (!part || !isProgram) return [];
      const { version, source, notUpstream } = part;
      return [
        {
          name: basename(path),
          version,
          source,
          digest: `sha256:${sha256}`,
          ...(notUpstream ? { note: notUpstream } : {}),
        },
      ];
    });
    const images = this.images.map(({ name, digest }) => ({
      name: `image ${name.slice(0, name.lastIndexOf(':'))}`,
      version: name.slice(name.lastIndexOf(':') + 1),
      source: 'built here',
      digest,
    }));
    return [...programs, ...images];
  }

  /** Differences from upstream's releases, one sentence each. */
  get notUpstream(): readonly string[] {
    const built = new Set([...this.#files.values()].map(({ component }) => component));
    return catalogue.flatMap(({ id, notUpstream }) => (built.has(id) ? (notUpstream ?? []) : []));
  }
}
