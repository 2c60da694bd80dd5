import { type ApplyOptions, applyObjects } from './apply.ts';
import { Connection, type KubeconfigSource } from './connection.ts';
import { Discovery, describeResource, pathOf, type Resource, type ResourceName } from './discovery.ts';
import { KubeError } from './kube-error.ts';
import { describeRef, type KubeObject, type ObjectRef } from './kube-object.ts';
import { linesOf } from './lines.ts';
import { type Predicate, type UntilOptions, until } from './until.ts';
import { ResourceWatch, type WatchOptions } from './watch.ts';

/** Selects objects of a kind: in one namespace or in all, optionally with selectors. */
export type ResourceSelection = ResourceName & {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
};

export interface ObjectList {
  readonly resource: Resource;
  /** What a watch has to begin from. */
  readonly resourceVersion: string;
  readonly objects: readonly KubeObject[];
}

export interface PodLogOptions {
  /** Whether to follow the log until the container ends or the signal aborts. */
  readonly follow?: boolean;
  /** Whether to read the log of the container's run before its last restart instead. */
  readonly previous?: boolean;
  readonly signal?: AbortSignal;
  /** Nothing from before; the API server goes by whole seconds. */
  readonly sinceTime?: Date;
  /** At most so many of the lines already there. */
  readonly tailLines?: number;
  /** Whether each line begins with the time it was written, RFC 3339 with nanoseconds, and a space. */
  readonly timestamps?: boolean;
}

export interface RemoveOptions {
  /** Whether owned objects go too: `Background` (default), `Foreground`, or not: `Orphan`. */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly gracePeriodSeconds?: number;
  readonly signal?: AbortSignal;
}

export interface KubeVersion {
  readonly gitVersion: string;
  readonly platform: string;
}

/** Loads the module that {@link KubeClient.open} needs. It takes half a second, which can run while something else starts. */
export async function preloadKubeClient(): Promise<void> {
  await import('@kubernetes/client-node');
}

const listPageSize = 500;

/** A client of a Kubernetes API server. Every method rejects with a {@link KubeError} whose message is one sentence. */
export class KubeClient implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #discovery: Discovery;
  #istio: KubeClient | null = null;
  #cluster: KubeClient | null = null;

  private constructor(connection: Connection) {
    this.#connection = connection;
    this.#discovery = new Discovery(connection);
  }

  /** Reads the kubeconfig; sends no request yet. @throws UserError if it cannot be used */
  static async open(source: KubeconfigSource): Promise<KubeClient> {
    return new KubeClient(await Connection.open(source));
  }

  get server(): string {
    return this.#connection.server;
  }

  /** A client of Istio's control plane, if that has an API server of its own; null otherwise. It is disposed of with this one. */
  get istio(): KubeClient | null {
    const { istio } = this.#connection;
    if (istio === null) return null;
    this.#istio ??= new KubeClient(istio);
    return this.#istio;
  }

  /** A client of the cluster's own API server alone, for Istio's own kinds, too. */
  get cluster(): KubeClient {
    if (this.#connection.istio === null) return this;
    this.#cluster ??= new KubeClient(this.#connection.alone);
    return this.#cluster;
  }

  get discovery(): Discovery {
    return this.#discovery;
  }

  get connection(): Connection {
    return this.#connection;
  }

  /**
   * Server-side apply of any number of objects, those that do not need each other at the same time. Resolves when all
   * are stored and the CustomResourceDefinitions among them are established, with the objects as stored, in no set
   * order.
   */
  apply(objects: readonly KubeObject[], options: ApplyOptions = {}): Promise<KubeObject[]> {
    return applyObjects(this, objects, options);
  }

  /** Deletes an object. Resolves when the API server has accepted the deletion, with false if it did not exist. */
  async remove(ref: ObjectRef, options: RemoveOptions = {}): Promise<boolean> {
    const { propagation = 'Background', gracePeriodSeconds, signal } = options;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: propagation,
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    };
    const what = `delete ${describeRef(ref)}`;
    const resource = await this.#discovery.find(ref);
    if (resource === undefined) return false;
    const call = { what, method: 'DELETE', path: this.pathOfObject(resource, ref), signal } as const;
    return (await foundOrUndefined(this.#connection.json({ ...call, body: json(body) }))) !== undefined;
  }

  /** The object, or undefined if it does not exist. */
  async get(ref: ObjectRef, signal?: AbortSignal): Promise<KubeObject | undefined> {
    // An empty name would make it a list.
    if (ref.name === '') return undefined;
    const resource = await this.#discovery.find(ref);
    if (resource === undefined) return undefined;
    const call = { what: `get ${describeRef(ref)}`, path: this.pathOfObject(resource, ref), signal };
    return (await foundOrUndefined(this.#connection.json(call))) as KubeObject | undefined;
  }

  async list(selection: ResourceSelection, signal?: AbortSignal): Promise<readonly KubeObject[]> {
    const resource = await this.resource(selection);
    return (await this.listResource(resource, selection, signal)).objects;
  }

  /** All pages of a list, and the resource version that a watch goes on from. */
  async listResource(
    resource: Resource,
    { namespace, labelSelector, fieldSelector }: Omit<ResourceSelection, keyof ResourceName>,
    signal?: AbortSignal,
  ): Promise<ObjectList> {
    const what = `list ${describeResource(resource)}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
    const path = pathOf(resource, namespace);
    const objects: KubeObject[] = [];
    let next: string | undefined;
    let resourceVersion: string;
    do {
      const query = { labelSelector, fieldSelector, limit: listPageSize, continue: next };
      const page = (await this.#connection.json({ what, path, query, signal })) as {
        metadata: { resourceVersion: string; continue?: string };
        items: KubeObject[] | null;
      };
      // The items of a list of built-in kinds come without apiVersion and kind.
      const { apiVersion, kind } = resource;
      for (const item of page.items ?? []) objects.push({ ...item, apiVersion, kind });
      resourceVersion = page.metadata.resourceVersion;
      next = page.metadata.continue === '' ? undefined : page.metadata.continue;
    } while (next !== undefined);
    return { resource, resourceVersion, objects };
  }

  /** A JSON merge patch (RFC 7386) of an object. */
  patch(ref: ObjectRef, patch: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<KubeObject> {
    return this.#mergePatch(ref, patch, undefined, signal);
  }

  /** A JSON merge patch (RFC 7386) of an object's status; lists in it, such as conditions, are replaced as a whole. */
  patchStatus(ref: ObjectRef, status: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<KubeObject> {
    return this.#mergePatch(ref, { status }, 'status', signal);
  }

  async #mergePatch(
    ref: ObjectRef,
    patch: Readonly<Record<string, unknown>>,
    subresource: 'status' | undefined,
    signal: AbortSignal | undefined,
  ): Promise<KubeObject> {
    const resource = await this.resource(ref);
    return (await this.#connection.json({
      what: `patch ${subresource === undefined ? '' : `the ${subresource} of `}${describeRef(ref)}`,
      method: 'PATCH',
      path: this.pathOfObject(resource, ref, subresource),
      query: { fieldManager: 'padlock' },
      body: { contentType: 'application/merge-patch+json', text: JSON.stringify(patch) },
      signal,
    })) as KubeObject;
  }

  /** The lines of a container's log. Leaving the loop ends the request. */
  async *podLogs(namespace: string, pod: string, container: string, options: PodLogOptions = {}) {
    yield* await this.openPodLog(namespace, pod, container, options);
  }

  /**
   * The lines of a container's log. Resolves when the answer has begun, which for a followed log may be as late as its
   * first line.
   */
  async openPodLog(
    namespace: string,
    pod: string,
    container: string,
    { follow, previous, signal, sinceTime, tailLines, timestamps }: PodLogOptions = {},
  ): Promise<AsyncGenerator<string, void, undefined>> {
    const resource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
    const chunks = await this.#connection.stream({
      what: `read the log of container ${container} of Pod ${namespace}/${pod}`,
      path: pathOf(resource, namespace, pod, 'log'),
      query: { container, follow, previous, sinceTime: sinceTime?.toISOString(), tailLines, timestamps },
      signal: signal ?? new AbortController().signal,
    });
    return linesOf(chunks);
  }

  async version(signal?: AbortSignal): Promise<KubeVersion> {
    const call = { what: "get the API server's version", path: '/version', signal };
    return (await this.#connection.json(call)) as KubeVersion;
  }

  /** A watch that goes on until the signal is given or it is disposed of. */
  watch(selection: ResourceSelection, options: WatchOptions = {}): ResourceWatch {
    return new ResourceWatch(this, selection, options);
  }

  /** Watches until the predicate holds. @throws TimeoutError, with what was last seen */
  async waitFor<Seen>(selection: ResourceSelection, predicate: Predicate<Seen>, options: UntilOptions): Promise<Seen> {
    await using watch = this.watch(selection);
    return await until(watch, predicate, options);
  }

  /** The resource of that name. @throws KubeError if the API server has none */
  async resource(name: ResourceName): Promise<Resource> {
    const resource = await this.#discovery.find(name);
    if (resource !== undefined) return resource;
    throw new KubeError(`The API server at ${this.server} has no kind ${describeResource(name)}.`, {
      status: 404,
      reason: 'NotFound',
    });
  }

  /**
   * The path of an object. A namespaced object without a namespace is in the kubeconfig's.
   *
   * @throws KubeError for an empty name, which would be the path of all objects of the kind
   */
  pathOfObject(resource: Resource, ref: Pick<ObjectRef, 'name' | 'namespace'>, subresource?: string): string {
    if (ref.name === '')
      throw new KubeError(`A ${resource.kind} without a name cannot be addressed.`, {
        status: 400,
        reason: 'BadRequest',
      });
    return pathOf(resource, ref.namespace ?? this.#connection.defaultNamespace, ref.name, subresource);
  }

  /** Ends every request and watch under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

function json(value: unknown): { contentType: string; text: string } {
  return { contentType: 'application/json', text: JSON.stringify(value) };
}

async function foundOrUndefined(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}
