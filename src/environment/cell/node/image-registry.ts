import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../../error-message.ts';
import { runToEnd } from '../../../run-to-end.ts';
import { listenInside } from '../processes/listen-inside.ts';

/** In the range of Kubernetes' own ports of a node, of which none has this one. */
export const registryPort = 10_299;

/** An image of a cell: its full name, and its OCI archive. */
export interface RegistryImage {
  readonly name: string;
  readonly archive: string;
}

interface RegistryContent {
  readonly images: readonly RegistryImage[];
  /** The folder of the blobs, each named for its SHA-256: that of containerd's own content store. */
  readonly blobs: string;
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const digestPattern = /^sha256:([0-9a-f]{64})$/;
const path = /^\/v2\/(?<repository>.+)\/(?<kind>manifests|blobs)\/(?<reference>[^/]+)$/;
const indexSchema = z.object({ manifests: z.array(z.object({ digest: z.string().regex(digestPattern) })).min(1) });
const manifestSchema = z.object({ mediaType: z.string().default(manifestType) });

/**
 * A registry inside a cell's node, of the images that the cell has, for Pods whose `imagePullPolicy` is `Always`: Kubernetes sets it for `image: auto`, with
 * which Istio's injection is documented. containerd asks it for every registry.
 *
 * @param pid a process in the node's namespaces
 */
export async function startImageRegistry(pid: number, content: RegistryContent): Promise<Server> {
  const socket = await listenInside(pid, registryPort);
  return createServer(imageRegistry(content)).listen(socket);
}

/** Answers the reads of the OCI Distribution Specification 1.1 (end-1 to end-3); what it does not have is 404. */
export function imageRegistry(content: RegistryContent): RequestListener {
  const digests = new Map<string, Promise<string>>();
  const digestOf = ({ name, archive }: RegistryImage): Promise<string> => {
    const known = digests.get(name) ?? digestInArchive(archive);
    digests.set(name, known);
    return known;
  };
  return async (request, response) => {
    try {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://registry');
      const wanted = path.exec(pathname)?.groups;
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return refuse(response, 405, 'UNSUPPORTED', 'this registry can only be read');
      if (wanted === undefined) {
        if (pathname === '/v2/') return void response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        return refuse(response, 404, 'UNSUPPORTED', 'no such resource');
      }
      const { repository = '', kind, reference = '' } = wanted;
      // containerd names the registry that it was asked for in `ns`, as a mirror serves several.
      const full = `${searchParams.get('ns') ?? ''}/${repository}:${reference}`;
      const image = content.images.find(({ name }) => name === full);
      const digest = kind === 'manifests' && image !== undefined ? await digestOf(image) : reference;
      const hash = digestPattern.exec(digest)?.[1];
      const file = hash === undefined ? null : join(content.blobs, hash);
      const found = file === null ? undefined : await stat(file).catch(() => undefined);
      if (file === null || found === undefined)
        return refuse(response, 404, kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN', `the cell has no ${full}`);
      const type = kind === 'manifests' ? await mediaTypeOf(file) : 'application/octet-stream';
      response.writeHead(200, {
        'content-type': type,
        'content-length': found.size,
        'docker-content-digest': digest,
      });
      if (request.method === 'HEAD') return void response.end();
      createReadStream(file)
        .on('error', (error) => response.destroy(error))
        .pipe(response);
    } catch (error) {
      refuse(response, 500, 'UNKNOWN', messageOf(error));
    }
  };
}

/** Errors have the form of the specification, section "Error codes". */
function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ errors: [{ code, message }] }));
}

/** The digest of the one image of an archive, from its index, which is near its beginning. */
async function digestInArchive(archive: string): Promise<string> {
  const index = await runToEnd('tar', ['--extract', '--to-stdout', '--occurrence=1', '--file', archive, 'index.json']);
  const [manifest] = indexSchema.parse(JSON.parse(index)).manifests;
  return manifest?.digest ?? '';
}

async function mediaTypeOf(manifest: string): Promise<string> {
  return manifestSchema.parse(JSON.parse(await readFile(manifest, 'utf8'))).mediaType;
}
