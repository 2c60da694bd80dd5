import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import type { VerificationKey } from '../attest/index.ts';
import { type Slot, unfilledSlots, withBuildLock, writeOutputRecord } from '../components/index.ts';
import { fileErrorCode, fileErrorReason } from '../file-error.ts';
import { UserError } from '../user-error.ts';
import { writeToDisk } from '../write-to-disk.ts';
import { EndWatcher } from './archive-end.ts';
import {
  type ArchivedComponent,
  type ArchivedOutput,
  type ArchiveManifest,
  entryName,
  manifestName,
  ownPlatform,
  ownVersion,
  signedManifestName,
} from './archive-manifest.ts';
import { type ArchiveSource, isUrl, networkReason, openArchive } from './archive-source.ts';
import { manifestFrom } from './read-manifest.ts';

interface TakeRequest {
  /** A file, or an http or https URL. */
  readonly from: string;
  /** The key that must have signed it; null to take it without. */
  readonly key: { readonly file: string; readonly verification: VerificationKey } | null;
  /** What the archive may fill: the slots of this checkout. */
  readonly slots: readonly Slot[];
  /** Whether components that do not fit this checkout are left out; otherwise they refuse the archive. */
  readonly partly: boolean;
  /** The root of the cache. */
  readonly cache: string;
  readonly signal: AbortSignal;
  onWaiting(): void;
  onOpened(source: Pick<ArchiveSource, 'title' | 'bytes'>): void;
}

export interface TakenArchive {
  readonly title: string;
  /** Ids of the components that are in the cache now and were not before. */
  readonly taken: readonly string[];
  /** Ids of those that were in the cache before. */
  readonly kept: readonly string[];
  /** Ids of those that do not fit this checkout. */
  readonly unfit: readonly string[];
  /** `verified` only with a key. */
  readonly signature: 'verified' | 'not-checked' | 'none';
}

/** An entry of a tar file while it is read. */
type Entry = Extract extends AsyncIterable<infer Read> ? Read : never;

/** What is wrong with an archive, as the end of a sentence. */
class Damage extends Error {}

const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const stagingPrefix = '.archive-';
/** The manifest lists a few hundred files. */
const largestManifest = 4 * 2 ** 20;

/**
 * Takes components from an archive into the cache. Every file must have the digest that the manifest gives, and the manifest the signature that the key
 * demands; until all is checked, nothing is where a run would find it, and after a failure nothing is left.
 *
 * @throws UserError (2) for a file of another kind, an archive that is truncated, damaged, of another architecture or version or not signed with the key; (3) for a server
 *   that does not answer and for a full disk
 */
export async function takeArchive(request: TakeRequest): Promise<TakenArchive> {
  const { cache, signal } = request;
  return await withBuildLock(cache, signal, request.onWaiting, async () => {
    for (const entry of await readdir(cache)) {
      // Of an import that was killed: this one has the lock.
      if (entry.startsWith(stagingPrefix)) await rm(join(cache, entry), { recursive: true, force: true });
    }
    const staging = join(cache, `${stagingPrefix}${randomUUID()}`);
    const source = await openArchive(request.from, signal);
    try {
      request.onOpened(source);
      return await takeFrom(source, staging, request);
    } finally {
      source.content.destroy();
      await rm(staging, { recursive: true, force: true });
    }
  });
}

async function takeFrom(source: ArchiveSource, staging: string, request: TakeRequest): Promise<TakenArchive> {
  const { cache, signal } = request;
  const { title } = source;
  const end = new EndWatcher();
  const archive = extract();
  const fed = pipeline(watched(source.content, end), createZstdDecompress({ chunkSize: 2 ** 20 }), archive, { signal });
  // What fails there also ends the reading of the archive below.
  fed.catch(() => {});
  try {
    const reading = new Reading(staging, request, title);
    for await (const entry of archive) await reading.take(entry);
    await fed;
    if (!end.isWhole) throw truncated(title, end.length);
    return await reading.place();
  } catch (error) {
    signal.throwIfAborted();
    throw asUserError(error, { title, received: end.length, request, cache });
  } finally {
    archive.destroy();
    await fed.catch(() => {});
  }
}

async function* watched(content: Readable, end: EndWatcher): AsyncGenerator<Buffer> {
  let first = Buffer.alloc(0);
  for await (const chunk of content) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('an archive is read as buffers');
    end.see(chunk);
    if (first.length < magic.length) {
      first = Buffer.concat([first, chunk.subarray(0, magic.length)]);
      if (!magic.subarray(0, first.length).equals(first.subarray(0, magic.length))) {
        throw new Damage('is not an archive of components: it is not compressed with zstd');
      }
    }
    yield chunk;
  }
  if (first.length === 0) throw new Damage('is empty');
}

/** The entries of one archive, in order: the manifest first, then the files that it lists. */
class Reading {
  readonly #staging: string;
  readonly #request: TakeRequest;
  readonly #title: string;
  #manifest: ArchiveManifest | null = null;
  #signature: TakenArchive['signature'] = 'none';
  #wanted: readonly { readonly slot: Slot; readonly component: ArchivedComponent }[] = [];
  #unfit: readonly string[] = [];
  readonly #awaited = new Map<string, { readonly component: ArchivedComponent; readonly output: ArchivedOutput }>();

  constructor(staging: string, request: TakeRequest, title: string) {
    this.#staging = staging;
    this.#request = request;
    this.#title = title;
  }

  async take(entry: Entry): Promise<void> {
    const { name } = entry.header;
    if (this.#manifest === null) {
      await this.#begin(name, await smallContent(entry, name));
      return;
    }
    const awaited = this.#awaited.get(name);
    if (awaited === undefined) {
      // Of a component that the cache already has, or that does not fit.
      entry.resume();
      return;
    }
    this.#awaited.delete(name);
    await writeOutput(entry, join(this.#staging, awaited.component.id, awaited.output.path), awaited);
  }

  async #begin(name: string, content: Buffer): Promise<void> {
    const { key, slots, partly, cache } = this.#request;
    const title = this.#title;
    if (name !== manifestName && name !== signedManifestName) {
      throw new Damage(`is not an archive of components: it begins with ${JSON.stringify(name)}`);
    }
    const signed = name === signedManifestName;
    if (key !== null && !signed) {
      throw new UserError(`The archive ${title} is not signed, and the key ${key.file} demands a signature.`);
    }
    const manifest = manifestFrom(content, { title, signed, key });
    this.#manifest = manifest;
    this.#signature = !signed ? 'none' : key === null ? 'not-checked' : 'verified';
    if (manifest.platform !== ownPlatform) {
      throw new UserError(`The archive ${title} is for ${manifest.platform}, and this machine is ${ownPlatform}.`);
    }
    const fitting = manifest.components.flatMap((component) => {
      const slot = slots.find(({ component: { id } }) => id === component.id);
      return slot?.key === component.key ? [{ slot, component }] : [];
    });
    this.#unfit = manifest.components
      .map(({ id }) => id)
      .filter((id) => !fitting.some(({ component }) => component.id === id));
    if (this.#unfit.length > 0 && (!partly || fitting.length === 0)) {
      throw new UserError(
        `The archive ${title} was written by Padlock ${manifest.padlock} for other versions of ${this.#unfit.join(', ')} than this checkout of Padlock ${ownVersion} pins; take the archive of this version, or build the components with 'padlock build'.`,
      );
    }
    const unfilled = await unfilledSlots(fitting.map(({ slot }) => slot));
    this.#wanted = fitting.filter(({ slot }) => unfilled.includes(slot));
    for (const { component } of this.#wanted) {
      for (const output of component.outputs) {
        this.#awaited.set(entryName(component.id, output.path), { component, output });
      }
    }
    await checkSpace(
      cache,
      [...this.#awaited.values()].reduce((sum, { output }) => sum + output.size, 0),
      title,
    );
  }

  /** Moves what was taken to its place. Call it when the archive was read to its end. */
  async place(): Promise<TakenArchive> {
    const manifest = this.#manifest;
    if (manifest === null) throw new Damage('is not an archive of components: it contains nothing');
    const [missing] = this.#awaited.keys();
    if (missing !== undefined) throw new Damage(`is incomplete: it lacks ${missing}`);
    for (const { component } of this.#wanted) {
      const digests = new Map(component.outputs.map(({ path, sha256 }) => [path, sha256]));
      await writeOutputRecord(join(this.#staging, component.id), digests);
    }
    if (this.#wanted.length > 0) await writeToDisk(this.#staging);
    for (const { slot, component } of this.#wanted) {
      await mkdir(dirname(slot.folder), { recursive: true });
      await rm(slot.folder, { recursive: true, force: true });
      await rename(join(this.#staging, component.id), slot.folder);
    }
    const taken = this.#wanted.map(({ component }) => component.id);
    return {
      title: this.#title,
      taken,
      kept: manifest.components.map(({ id }) => id).filter((id) => !taken.includes(id) && !this.#unfit.includes(id)),
      unfit: this.#unfit,
      signature: this.#signature,
    };
  }
}

async function smallContent(entry: Entry, name: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of entry) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('an archive is read as buffers');
    size += chunk.length;
    if (size > largestManifest) throw new Damage(`is not an archive of components: its ${name} is too large`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function writeOutput(
  entry: Entry,
  file: string,
  { component, output }: { readonly component: ArchivedComponent; readonly output: ArchivedOutput },
): Promise<void> {
  const what = `${component.id}/${output.path}`;
  if (entry.header.type !== 'file') throw new Damage(`is damaged: ${what} is not a file in it`);
  if (entry.header.size !== output.size) {
    throw new Damage(`is damaged: ${what} has ${entry.header.size} bytes instead of ${output.size}`);
  }
  const hash = createHash('sha256');
  await mkdir(dirname(file), { recursive: true });
  await pipeline(
    async function* hashed() {
      for await (const chunk of entry) {
        if (!Buffer.isBuffer(chunk)) throw new TypeError('an archive is read as buffers');
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file, { flags: 'wx', mode: output.executable ? 0o755 : 0o644 }),
  );
  const digest = hash.digest('hex');
  if (digest !== output.sha256) {
    throw new Damage(`is damaged: ${what} has the SHA-256 ${digest} instead of ${output.sha256}`);
  }
}

async function checkSpace(cache: string, bytes: number, title: string): Promise<void> {
  const { bavail, bsize } = await statfs(cache);
  const free = bavail * bsize;
  if (free >= bytes) return;
  const gigabytes = (count: number) => (count / 1e9).toFixed(1);
  throw new UserError(
    `The archive ${title} needs ${gigabytes(bytes)} GB in the cache ${cache}, and ${gigabytes(free)} GB are free there.`,
    { exitCode: 3 },
  );
}

function truncated(title: string, bytes: number, cause?: unknown): UserError {
  return new UserError(`The archive ${title} is truncated: it ends after ${bytes} bytes; fetch it again.`, { cause });
}

interface Failure {
  readonly title: string;
  readonly received: number;
  readonly request: TakeRequest;
  readonly cache: string;
}

function asUserError(error: unknown, { title, received, request, cache }: Failure): unknown {
  if (error instanceof UserError) return error;
  if (error instanceof Damage) return new UserError(`The archive ${title} ${error.message}.`, { cause: error });
  const code = fileErrorCode(error) ?? '';
  const message = error instanceof Error ? error.message : '';
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS' || code === 'EACCES') {
    return new UserError(`The archive ${title} cannot be taken into the cache ${cache}: ${fileErrorReason(error)}.`, {
      exitCode: 3,
      cause: error,
    });
  }
  if (code === 'Z_BUF_ERROR' || /unexpected end/i.test(message)) {
    return truncated(title, received, error);
  }
  if (code.startsWith('ZSTD_') || /tar header/i.test(message)) {
    return new UserError(`The archive ${title} is damaged: it cannot be unpacked (${message}); fetch it again.`, {
      cause: error,
    });
  }
  if (isUrl(request.from)) {
    return new UserError(`The archive ${title} cannot be fetched: after ${received} bytes, ${networkReason(error)}.`, {
      exitCode: 3,
      cause: error,
    });
  }
  return error;
}
