import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type Pack, pack } from 'tar-stream';
import { readOciArchive } from '../../components/index.ts';
import { fileErrorReason } from '../../file-error.ts';
import { UserError } from '../../user-error.ts';

/** An archive and the images in it. */
export interface ImageArchive {
  readonly file: string;
  readonly images: readonly string[];
}

/** The archives in a folder, not read yet. @throws UserError (2) if there are no archives */
export async function archiveFilesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder).catch((error: unknown) => {
    throw new UserError(`Cannot read --image-archive ${folder}: ${fileErrorReason(error)}.`, { cause: error });
  });
  const files = entries.filter((entry) => entry.endsWith('.tar')).sort();
  if (files.length === 0) throw new UserError(`--image-archive ${folder} contains no .tar file.`);
  return files.map((file) => join(folder, file));
}

/** Reads whole archives, which takes a second per few hundred megabytes. @throws UserError (2) if one is damaged */
export async function readImageArchives(files: readonly string[]): Promise<readonly ImageArchive[]> {
  return Promise.all(
    files.map(async (file) => ({ file, images: (await readOciArchive(file)).map(({ name }) => name) })),
  );
}

interface Index {
  readonly manifests: readonly { readonly digest: string; readonly annotations?: Readonly<Record<string, string>> }[];
}
interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

const blobPath = (digest: string) => `blobs/${digest.replace(':', '/')}`;

/**
 * An OCI archive as `docker load` of any version takes it: with a manifest.json beside the OCI layout. Docker learned to load a
 * bare OCI layout with version 25.
 */
export async function dockerArchive(file: string): Promise<Pack> {
  const files = new Map<string, Buffer>();
  const archive = extract();
  const read = (async () => {
    for await (const entry of archive) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      if (entry.header.type === 'file') files.set(entry.header.name.replace(/^\.\//, ''), Buffer.concat(chunks));
    }
  })();
  await Promise.all([pipeline(createReadStream(file), archive), read]);
  const json = (path: string): unknown => JSON.parse(files.get(path)?.toString('utf8') ?? 'null');
  const { manifests } = json('index.json') as Index;
  const entries = manifests.map(({ digest, annotations }) => {
    const { config, layers } = json(blobPath(digest)) as Manifest;
    return {
      Config: blobPath(config.digest),
      RepoTags: [annotations?.['io.containerd.image.name'] ?? ''],
      Layers: layers.map((layer) => blobPath(layer.digest)),
    };
  });
  const out = pack();
  out.entry({ name: 'manifest.json' }, JSON.stringify(entries));
  for (const [name, content] of files) out.entry({ name }, content);
  out.finalize();
  return out;
}
