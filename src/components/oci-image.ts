import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';

/** An image that consists of files on scratch. */
export interface ImageRecipe {
  /** Repository and tag, as upstream names it. */
  readonly name: string;
  /** Path in the image → file on this machine. */
  readonly files: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  /** Numeric, because charts set runAsNonRoot. */
  readonly user: string;
}

const sha256 = (content: Buffer) => `sha256:${createHash('sha256').update(content).digest('hex')}`;
const epoch = new Date(0);

function add(archive: Pack, name: string, content: Buffer, mode = 0o644): void {
  archive.entry({ name, mode, mtime: epoch, uid: 0, gid: 0 }, content);
}

async function collect(archive: Pack): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function layerOf(files: ImageRecipe['files']): Promise<Buffer> {
  const archive = pack();
  const content = collect(archive);
  const made = new Set<string>();
  for (const [path, source] of Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const segments = path.replace(/^\//, '').split('/');
    for (let depth = 1; depth < segments.length; depth++) {
      const folder = segments.slice(0, depth).join('/');
      if (made.has(folder)) continue;
      made.add(folder);
      archive.entry({ name: folder, type: 'directory', mode: 0o755, mtime: epoch });
    }
    add(archive, segments.join('/'), await readFile(source), 0o755);
  }
  archive.finalize();
  return content;
}

/**
 * Writes an image as an OCI layout in a tar file (OCI Image Layout Specification). Equal files give equal bytes.
 * containerd, and therefore kind, takes the image's name from the annotation `io.containerd.image.name`.
 *
 * @returns the manifest's digest
 */
export async function writeOciImage(recipe: ImageRecipe, file: string): Promise<string> {
  const layer = await layerOf(recipe.files);
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  const config = json({
    architecture,
    os: 'linux',
    config: {
      User: recipe.user,
      Entrypoint: recipe.entrypoint,
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: [sha256(layer)] },
  });
  const manifest = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256(layer), size: layer.length }],
  });
  const index = json({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: sha256(manifest),
        size: manifest.length,
        platform: { architecture, os: 'linux' },
        annotations: { 'io.containerd.image.name': recipe.name },
      },
    ],
  });
  const archive = pack();
  const written = pipeline(archive, createWriteStream(file));
  add(archive, 'oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  add(archive, 'index.json', index);
  for (const blob of [config, manifest, layer]) add(archive, `blobs/${sha256(blob).replace(':', '/')}`, blob);
  archive.finalize();
  await written;
  return sha256(manifest);
}
