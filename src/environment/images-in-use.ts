import type { ComponentDescription } from '../components/index.ts';
import type { KubeObject } from '../kube/kube-object.ts';

/** Images by name, each with the digest of its manifest. */
export type ImageDigests = ReadonlyMap<string, string>;

/** Where images can have come from. */
export interface ImageOrigins {
  /** Those of archives that were loaded. */
  readonly archived: ImageDigests;
  /** Those that Padlock built. */
  readonly own: ImageDigests;
}

interface Status {
  readonly image?: string;
  readonly imageID?: string;
}

/** The images that Pods run, as their node names them: what really took part, whoever brought it. */
export function imagesInUse(pods: readonly KubeObject[], origins: ImageOrigins): readonly ComponentDescription[] {
  const statuses = pods.flatMap((pod) => {
    const { containerStatuses = [], initContainerStatuses = [] } = (pod.status ?? {}) as {
      containerStatuses?: readonly Status[];
      initContainerStatuses?: readonly Status[];
    };
    return [...containerStatuses, ...initContainerStatuses];
  });
  const digests = new Map<string, string | null>();
  for (const { image = '', imageID = '' } of statuses) {
    if (image === '' || /^sha256:/.test(image)) continue;
    digests.set(image, /sha256:[0-9a-f]{64}$/.exec(imageID)?.[0] ?? digests.get(image) ?? null);
  }
  return [...digests]
    .sort(([one], [other]) => one.localeCompare(other, 'en'))
    .map(([image, digest]) => {
      const { repository, tag } = partsOf(image);
      const archived = origins.archived.get(image);
      return {
        name: `image ${repository}`,
        version: tag,
        source:
          archived === undefined
            ? 'pulled, or of the node image'
            : isOwn(image, origins)
              ? 'built here'
              : 'loaded from an image archive',
        // Of what an archive brought, a node knows a digest of its own making.
        digest: archived ?? digest,
      };
    });
}

/** Whether an image that was loaded is the very one that Padlock built. */
export function isOwn(image: string, { archived, own }: ImageOrigins): boolean {
  const digest = archived.get(image);
  return digest !== undefined && own.get(image) === digest;
}

function partsOf(image: string): { readonly repository: string; readonly tag: string } {
  const colon = image.lastIndexOf(':');
  if (colon <= image.lastIndexOf('/')) return { repository: image, tag: 'latest' };
  return { repository: image.slice(0, colon), tag: image.slice(colon + 1) };
}
