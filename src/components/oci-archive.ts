import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { z } from 'zod';
import { messageOf } from '../error-message.ts';
import { UserError } from '../user-error.ts';

/** An image in an OCI archive. */
export interface ArchivedImage {
  /** From its annotation: the name that containerd gives it on import. */
  readonly name: string;
  /** Digest of its manifest, or of its index if it has several platforms, as a registry shows it: algorithm:value. */
  readonly digest: string;
  /** os/architecture, without duplicates. */
  readonly platforms: readonly string[];
}

/** Manifests and configurations are small. A larger blob is a layer, of which only the digest is needed. */
const largestDocument = 4 * 1024 * 1024;
const nameAnnotation = 'io.containerd.image.name';

const descriptorSchema = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
  platform: z.object({ os: z.string(), architecture: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const layoutSchema = z.object({ imageLayoutVersion: z.literal('1.0.0') });
const indexSchema = z.object({ schemaVersion: z.literal(2), manifests: z.array(descriptorSchema) });
const manifestSchema = z.object({
  schemaVersion: z.literal(2),
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
});
const configSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  rootfs: z.object({ type: z.literal('layers'), diff_ids: z.array(z.string()) }),
});

type Descriptor = z.infer<typeof descriptorSchema>;

interface Blob {
  readonly size: number;
  readonly digest: string;
  /** Null if it is too large to be a document. */
  readonly content: Buffer | null;
}

class Damage extends Error {}

/**
 * Reads an OCI image layout in a tar file (OCI Image Layout Specification 1.0.0) and verifies it: every blob has the SHA-256 and the size
 * of its descriptors, every layer is present, and every image has a name.
 *
 * @throws UserError (2) that names the file and what is wrong with it
 */
export async function readOciArchive(file: string): Promise<readonly ArchivedImage[]> {
  try {
    return imagesOf(await filesOf(file));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    const reason =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder'
          : error instanceof Damage
            ? error.message
            : `it cannot be read as a tar file (${messageOf(error)})`;
    throw new UserError(`${file} is not an OCI archive of images: ${reason}.`, { cause: error });
  }
}

async function filesOf(file: string): Promise<ReadonlyMap<string, Blob>> {
  const files = new Map<string, Blob>();
  const archive = extract();
  const read = (async () => {
    for await (const entry of archive) {
      const name = entry.header.name.replace(/^\.\//, '');
      if (entry.header.type === 'file') files.set(name, await blobOf(entry));
      else entry.resume();
    }
  })();
  await Promise.all([pipeline(createReadStream(file), archive), read]);
  return files;
}

async function blobOf(entry: AsyncIterable<unknown>): Promise<Blob> {
  const hash = createHash('sha256');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of entry) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('an archive is read as buffers');
    hash.update(chunk);
    size += chunk.length;
    if (size <= largestDocument) chunks.push(chunk);
    else chunks.length = 0;
  }
  return {
    size,
    digest: `sha256:${hash.digest('hex')}`,
    content: size <= largestDocument ? Buffer.concat(chunks) : null,
  };
}

function imagesOf(files: ReadonlyMap<string, Blob>): readonly ArchivedImage[] {
  documentIn(files, 'oci-layout', layoutSchema);
  const { manifests } = documentIn(files, 'index.json', indexSchema);
  if (manifests.length === 0) throw new Damage('its index.json lists no image');
  return manifests.map((descriptor) => {
    const name = descriptor.annotations?.[nameAnnotation];
    if (name === undefined)
      throw new Damage(`the image ${descriptor.digest} has no name (annotation ${nameAnnotation})`);
    const platforms = platformsOf(files, descriptor);
    if (platforms.length === 0) throw new Damage(`it contains no platform of the image ${name}`);
    return { name, digest: descriptor.digest, platforms: [...new Set(platforms)] };
  });
}

function isIndex({ mediaType }: Descriptor): boolean {
  return /\.image\.index\.v1\+json$|\.manifest\.list\.v2\+json$/.test(mediaType);
}

/** An archive may contain only some platforms of an image; each of these must be complete. */
function platformsOf(files: ReadonlyMap<string, Blob>, descriptor: Descriptor): string[] {
  if (!isIndex(descriptor)) return [platformOf(files, descriptor)];
  const { manifests } = documentOf(files, descriptor, indexSchema);
  return manifests.flatMap((inner) => (files.has(blobPath(inner)) ? platformsOf(files, inner) : []));
}

function platformOf(files: ReadonlyMap<string, Blob>, descriptor: Descriptor): string {
  const manifest = documentOf(files, descriptor, manifestSchema);
  const config = documentOf(files, manifest.config, configSchema);
  const layers = manifest.layers.map((layer) => proven(files, layer).digest);
  const { diff_ids: diffIds } = config.rootfs;
  if (diffIds.length !== layers.length) {
    throw new Damage(
      `the configuration ${manifest.config.digest} lists ${diffIds.length} layers, but there are ${layers.length}`,
    );
  }
  manifest.layers.forEach(({ mediaType, digest }, position) => {
    // The diff_id of a compressed layer is that of its content; whoever unpacks it checks that.
    if (mediaType.endsWith('.tar') && diffIds[position] !== digest) {
      throw new Damage(`the configuration ${manifest.config.digest} has another diff_id for the layer ${digest}`);
    }
  });
  return `${config.os}/${config.architecture}`;
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** @throws if the blob does not match its descriptor */
function proven(files: ReadonlyMap<string, Blob>, descriptor: Descriptor): Blob {
  const blob = files.get(blobPath(descriptor));
  if (blob === undefined) throw new Damage(`the blob ${descriptor.digest} is missing`);
  if (blob.size !== descriptor.size) {
    throw new Damage(`the blob ${descriptor.digest} has ${blob.size} bytes instead of ${descriptor.size}`);
  }
  if (blob.digest !== descriptor.digest)
    throw new Damage(`the blob ${descriptor.digest} is damaged: it has ${blob.digest}`);
  return blob;
}

function documentOf<Schema extends z.ZodType>(
  files: ReadonlyMap<string, Blob>,
  descriptor: Descriptor,
  schema: Schema,
): z.infer<Schema> {
  return parsed(proven(files, descriptor), `the blob ${descriptor.digest}`, schema);
}

function documentIn<Schema extends z.ZodType>(
  files: ReadonlyMap<string, Blob>,
  path: string,
  schema: Schema,
): z.infer<Schema> {
  const blob = files.get(path);
  if (blob === undefined) throw new Damage(`it has no ${path}`);
  return parsed(blob, `its ${path}`, schema);
}

function parsed<Schema extends z.ZodType>({ content }: Blob, what: string, schema: Schema): z.infer<Schema> {
  if (content === null) throw new Damage(`${what} is too large for a document`);
  try {
    return schema.parse(JSON.parse(content.toString('utf8')));
  } catch {
    throw new Damage(`${what} is not as the OCI image specification has it`);
  }
}
