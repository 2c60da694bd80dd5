import {
  type ComponentDescription,
  type Components,
  catalogue,
  listImages,
  readOciArchive,
} from '../../components/index.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import { type ImageOrigins, imagesInUse, isOwn } from '../images-in-use.ts';
import type { EnvironmentParts } from '../provider.ts';
import { archiveFilesIn } from './image-archives.ts';
import { outsideImages } from './outside-images.ts';

/** The components in an image that Padlock builds, by the prefix of its name. */
const madeOf: Readonly<Record<string, readonly string[]>> = {
  'docker.io/istio/pilot:': ['istio'],
  'docker.io/istio/proxyv2:': ['istio', 'envoy'],
  'quay.io/jetstack/cert-manager-': ['cert-manager'],
};

export interface KindPartsRequest {
  readonly kube: KubeClient;
  readonly components: Components;
  /** The folder of --image-archive, if given. */
  readonly imageArchive: string | undefined;
  readonly signal: AbortSignal;
}

/** Inspects the Pods: a kind node runs the images it pulled or loaded, which may differ from what Padlock builds. */
export async function kindParts({
  kube,
  components,
  imageArchive,
  signal,
}: KindPartsRequest): Promise<EnvironmentParts> {
  const [pods, nodes, origins] = await Promise.all([
    kube.list({ apiVersion: 'v1', kind: 'Pod' }, signal),
    kube.list({ apiVersion: 'v1', kind: 'Node' }, signal),
    originsOf(components, imageArchive, signal),
  ]);
  const outside = Object.values(outsideImages).map((image) => ({ image }));
  const inUse = imagesInUse([...pods, besideTheNode(outside)], origins);
  return { components: [...nodes.map(nodeOf), ...inUse], notUpstream: notUpstreamOf(inUse, origins) };
}

/** The containers outside the cluster, in the form of a Pod's. */
function besideTheNode(containerStatuses: readonly { readonly image: string }[]): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'outside' }, status: { containerStatuses } };
}

function nodeOf({ metadata, status }: KubeObject): ComponentDescription {
  const { nodeInfo = {} } = (status ?? {}) as { readonly nodeInfo?: Readonly<Record<string, string>> };
  const { kubeletVersion = '', osImage = '', containerRuntimeVersion = '' } = nodeInfo;
  return {
    name: `node ${metadata.name}`,
    version: kubeletVersion,
    source: `${osImage}, ${containerRuntimeVersion}`,
    digest: null,
  };
}

async function originsOf(
  components: Components,
  imageArchive: string | undefined,
  signal: AbortSignal,
): Promise<ImageOrigins> {
  if (imageArchive === undefined) return { archived: new Map(), own: new Map() };
  const [files, built] = await Promise.all([archiveFilesIn(imageArchive), listImages(components.images, signal)]);
  const archived = (await Promise.all(files.map((file) => readOciArchive(file)))).flat();
  const digests = (images: readonly { readonly name: string; readonly digest: string }[]) =>
    new Map(images.map(({ name, digest }) => [name, digest]));
  return { archived: digests(archived), own: digests(built) };
}

/** Notes for the reader about the images that ran. */
export function notUpstreamOf(inUse: readonly ComponentDescription[], origins: ImageOrigins): readonly string[] {
  const names = inUse.map(({ name, version }) => `${name.slice('image '.length)}:${version}`);
  const own = names.filter((name) => isOwn(name, origins));
  const ids = new Set(
    Object.entries(madeOf).flatMap(([beginning, parts]) =>
      own.some((name) => name.startsWith(beginning)) ? parts : [],
    ),
  );
  const foreign = names.filter((name) => origins.archived.has(name) && !own.includes(name));
  return [
    ...catalogue.filter(({ id }) => ids.has(id)).flatMap(({ notUpstream }) => notUpstream ?? []),
    ...(foreign.length === 0
      ? []
      : [`Loaded from image archives, with contents unknown to Padlock: ${foreign.join(', ')}.`]),
  ];
}
