import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { type SigningKey, sealEnvelope } from '../attest/index.ts';
import { foundOutputs, type Slot, sha256OfFile } from '../components/index.ts';
import { fileErrorCode, fileErrorReason } from '../file-error.ts';
import { UserError } from '../user-error.ts';
import { withArchiveEnd } from './archive-end.ts';
import {
  type ComponentContents,
  entryName,
  manifestName,
  manifestOf,
  manifestPayloadType,
  signedManifestName,
} from './archive-manifest.ts';

/** The default of zstd: 1.3 GB of programs become about 0.3 GB. */
const compressionLevel = 3;
const epoch = new Date(0);

interface WriteRequest {
  /** Replaced if it exists. It appears completely or not at all. */
  readonly file: string;
  /** Filled slots of the cache. */
  readonly slots: readonly Slot[];
  readonly key: SigningKey | null;
  readonly signal: AbortSignal;
}

export interface WrittenArchive {
  readonly bytes: number;
  /** Lower-case hexadecimal SHA-256 of the file. */
  readonly sha256: string;
}

/**
 * Writes components as one archive: a tar file, compressed with zstd (RFC 8878), that begins with the manifest. Equal components give equal bytes,
 * except for the signature.
 *
 * @throws UserError (2) if the file cannot be written there, (3) if the disk is full
 */
export async function writeArchive({ file, slots, key, signal }: WriteRequest): Promise<WrittenArchive> {
  const unfinished = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    const contents = await Promise.all(slots.map(contentsOf));
    const archive = pack();
    const packed = packAll(archive, contents, key, signal);
    // The pipeline reports what fails first; a failure of the packing destroys the archive.
    packed.catch((error: Error) => archive.destroy(error));
    const compress = createZstdCompress({
      chunkSize: 2 ** 20,
      params: { [constants.ZSTD_c_compressionLevel]: compressionLevel, [constants.ZSTD_c_checksumFlag]: 1 },
    });
    await pipeline(archive, compress, withArchiveEnd, createWriteStream(unfinished, { flags: 'wx' }), { signal });
    await packed;
    const written = { bytes: (await stat(unfinished)).size, sha256: await sha256OfFile(unfinished) };
    await rename(unfinished, file);
    return written;
  } catch (error) {
    signal.throwIfAborted();
    const code = fileErrorCode(error);
    if (code === null || error instanceof UserError) throw error;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    throw new UserError(
      `Cannot write the archive ${file}: ${fileErrorReason(error)}; ${full ? 'free some space, or ' : ''}name another file with --export.`,
      { exitCode: full ? 3 : 2, cause: error },
    );
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function contentsOf(slot: Slot): Promise<ComponentContents> {
  const found = await foundOutputs(slot.folder);
  if (found === null || found.damaged.length > 0) throw new Error(`${slot.component.id} is not intact in the cache`);
  const outputs = await Promise.all(
    found.record.outputs.map(async (output) => {
      const { mode } = await stat(join(slot.folder, output.path));
      return { ...output, executable: (mode & 0o100) !== 0 };
    }),
  );
  return { slot, outputs };
}

async function packAll(
  archive: Pack,
  contents: readonly ComponentContents[],
  key: SigningKey | null,
  signal: AbortSignal,
): Promise<void> {
  const manifest = manifestOf(contents);
  const json = Buffer.from(`${JSON.stringify(manifest)}\n`);
  const first = key === null ? json : Buffer.from(sealEnvelope(json, key, manifestPayloadType));
  archive.entry({ name: key === null ? manifestName : signedManifestName, mode: 0o644, mtime: epoch }, first);
  for (const component of manifest.components) {
    const slot = contents.find((of) => of.slot.component.id === component.id)?.slot;
    if (slot === undefined) throw new Error(`the manifest lists ${component.id}, which is not packed`);
    for (const { path, size, executable } of component.outputs) {
      signal.throwIfAborted();
      const entry = archive.entry({
        name: entryName(component.id, path),
        size,
        mode: executable ? 0o755 : 0o644,
        mtime: epoch,
      });
      await pipeline(createReadStream(join(slot.folder, path), { highWaterMark: 2 ** 20 }), entry, { signal });
    }
  }
  archive.finalize();
}
