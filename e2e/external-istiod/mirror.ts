import type { KubeClient } from '../../src/kube/client.ts';
import { KubeError } from '../../src/kube/kube-error.ts';
import type { KubeObject } from '../../src/kube/kube-object.ts';
import type { ResourceWatch } from '../../src/kube/watch.ts';

/** What is done about the objects of a kind. */
export interface Reaction {
  /** The API server whose objects are watched. */
  readonly source: KubeClient;
  readonly apiVersion: string;
  readonly kind: string;
  changed(object: KubeObject): Promise<void>;
  deleted?(object: KubeObject): Promise<void>;
}

/** Reacts to changes of objects, one after another in the order in which they come. */
export class Mirror implements AsyncDisposable {
  readonly #watches: readonly ResourceWatch[];
  #work: Promise<void> = Promise.resolve();

  constructor(reactions: readonly Reaction[]) {
    this.#watches = reactions.map((reaction) => {
      const { source, apiVersion, kind } = reaction;
      return source.watch(
        { apiVersion, kind },
        {
          onEvent: ({ change, object }) => {
            this.#work = this.#work.then(() => react(reaction, change === 'deleted', object));
          },
        },
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch[Symbol.asyncDispose]()));
    await this.#work;
  }
}

async function react(reaction: Reaction, isDeleted: boolean, object: KubeObject): Promise<void> {
  try {
    if (isDeleted) await reaction.deleted?.(object);
    else if (object.metadata.deletionTimestamp === undefined) await reaction.changed(object);
  } catch (error) {
    if (!isOver(error)) throw error;
  }
}

/** Whether an API server is away, and gets what comes once it is back, or the object or its namespace has gone in the meantime. */
function isOver(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  return error.status === null || error.status === 404 || /being (?:terminated|deleted)/.test(error.message);
}

/** Makes an object of one API server at another, without what the first one's own owners and controllers say of it. */
export async function copyTo(
  target: KubeClient,
  { apiVersion, kind, metadata, spec, type, data }: KubeObject,
): Promise<void> {
  const { name, namespace, labels, annotations } = metadata;
  const copied = {
    ...{ name, ...(namespace !== undefined && { namespace }) },
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  };
  const home = { apiVersion: 'v1', kind: 'Namespace', name: namespace ?? '' };
  const hasHome = namespace === undefined || (await target.get(home)) !== undefined;
  await target.apply([
    ...(hasHome ? [] : [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: home.name } }]),
    ...[
      {
        apiVersion,
        kind,
        metadata: copied,
        ...(spec !== undefined && { spec }),
        ...(data !== undefined && { type, data }),
      },
    ],
  ]);
}
