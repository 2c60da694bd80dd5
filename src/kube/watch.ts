import { setTimeout as delay } from 'node:timers/promises';
import type { KubeClient, ResourceSelection } from './client.ts';
import { isTrue } from './conditions.ts';
import { describeResource, pathOf, type Resource } from './discovery.ts';
import { describeCause, KubeError, refusal } from './kube-error.ts';
import { groupOf, type KubeObject } from './kube-object.ts';
import { linesOf } from './lines.ts';

/** A change of an object; `existed` is what the first list found. A deleted object comes with its last state. */
export interface WatchEvent {
  readonly at: Date;
  readonly change: 'existed' | 'added' | 'modified' | 'deleted';
  readonly object: KubeObject;
}

/**
 * What kept a watch from seeing everything as it happened:
 * - `absent`: the API server has no such kind; the watch begins when it gets it
 * - `refused`: the kubeconfig's user may not list or watch it; the watch has ended
 * - `disconnected`: the API server did not answer, or the connection broke; it goes on from where it was
 * - `stale`: nothing came for too long, not even a bookmark; it goes on with a new connection
 * - `expired`: the changes in between were no longer available; the objects were listed again
 * - `failed`: an error in Padlock itself; the watch has ended
 */
export interface WatchProblem {
  readonly at: Date;
  readonly kind: 'absent' | 'refused' | 'disconnected' | 'stale' | 'expired' | 'failed';
  /** One sentence. */
  readonly message: string;
}

export interface WatchListener {
  readonly onEvent?: (event: WatchEvent) => void;
  readonly onProblem?: (problem: WatchProblem) => void;
  /** The list, or a new list, is complete. */
  readonly onListed?: () => void;
}

export interface WatchOptions extends WatchListener {
  readonly signal?: AbortSignal;
  /** Applied to every object on arrival, so that removed values are never stored. */
  readonly project?: (object: KubeObject) => KubeObject;
  /** After how long without any message a connection counts as dead; API servers send a bookmark a minute. */
  readonly staleAfterMs?: number;
}

const defaultStaleAfterMs = 90_000;
const longestPauseMs = 5_000;

/** The watch's resource version is too old for the API server (410 Gone). */
class Expired extends Error {}

/**
 * Watches the objects of a kind: lists them, then follows their changes from that list on, over any number of
 * connections, and lists again if the API server no longer has the changes in between.
 */
export class ResourceWatch implements AsyncDisposable {
  readonly selection: ResourceSelection;
  readonly #client: KubeClient;
  readonly #project: (object: KubeObject) => KubeObject;
  readonly #staleAfterMs: number;
  readonly #listeners = new Set<WatchListener>();
  readonly #objects = new Map<string, KubeObject>();
  readonly #problems: WatchProblem[] = [];
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #firstList = Promise.withResolvers<void>();
  readonly #ended: Promise<void>;
  #resourceVersion: string | undefined;
  #listed = false;

  constructor(client: KubeClient, selection: ResourceSelection, options: WatchOptions = {}) {
    this.selection = selection;
    this.#client = client;
    this.#project = options.project ?? ((object) => object);
    this.#staleAfterMs = options.staleAfterMs ?? defaultStaleAfterMs;
    this.#signal =
      options.signal === undefined ? this.#stop.signal : AbortSignal.any([options.signal, this.#stop.signal]);
    this.#listeners.add(options);
    this.#ended = this.#run();
  }

  /**
   * Resolves once the objects that existed are known, or the watch has found that it cannot list them (see
   * {@link problems}), or was stopped.
   */
  get listed(): Promise<void> {
    return this.#firstList.promise;
  }

  /** Whether the objects are known, so that one that is not among them does not exist. */
  get isListed(): boolean {
    return this.#listed;
  }

  /** The objects as of now. */
  get objects(): readonly KubeObject[] {
    return [...this.#objects.values()];
  }

  /** Everything that kept the watch from seeing all, the latest last. */
  get problems(): readonly WatchProblem[] {
    return this.#problems;
  }

  /** Calls a listener from now on, until the returned object is disposed of. */
  subscribe(listener: WatchListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    let failures = 0;
    try {
      while (!this.#signal.aborted) {
        const progress = { made: false };
        try {
          const resource = await this.#client.discovery.find(this.selection);
          if (resource === undefined) {
            if (!(await this.#untilDefined())) return;
            continue;
          }
          if (this.#resourceVersion === undefined) await this.#list(resource);
          await this.#follow(resource, progress);
        } catch (error) {
          if (this.#signal.aborted || !this.#canGoOn(error)) return;
        }
        failures = progress.made ? 0 : failures + 1;
        // At once after a connection that worked: nothing shall be missed. With pauses while the API server is away.
        if (failures > 1)
          await delay(Math.min(50 * 2 ** failures, longestPauseMs), undefined, { signal: this.#signal });
      }
    } catch (error) {
      if (!this.#signal.aborted)
        this.#report('failed', `The watch of ${this.#name()} failed: ${describeCause(error)}.`);
    } finally {
      this.#firstList.resolve();
    }
  }

  async #list(resource: Resource): Promise<void> {
    const { objects, resourceVersion } = await this.#client.listResource(resource, this.selection, this.#signal);
    const present = new Map(objects.map((object) => [uidOf(object), object]));
    for (const [uid, object] of this.#objects) {
      if (!present.has(uid)) this.#change('deleted', object);
    }
    for (const [uid, object] of present) {
      const known = this.#objects.get(uid);
      if (known === undefined) this.#change(this.#listed ? 'added' : 'existed', this.#project(object));
      else if (known.metadata.resourceVersion !== object.metadata.resourceVersion) {
        this.#change('modified', this.#project(object));
      }
    }
    this.#resourceVersion = resourceVersion;
    this.#markListed();
  }

  #markListed(): void {
    this.#listed = true;
    this.#firstList.resolve();
    for (const listener of [...this.#listeners]) listener.onListed?.();
  }

  /** Reads one connection until it ends. */
  async #follow(resource: Resource, progress: { made: boolean }): Promise<void> {
    const connection = new AbortController();
    const stale = setTimeout(() => connection.abort(), this.#staleAfterMs);
    // Not AbortSignal.any: its signal may be garbage-collected while the connection still waits for it.
    const stop = () => connection.abort();
    this.#signal.addEventListener('abort', stop, { once: true });
    if (this.#signal.aborted) stop();
    const { labelSelector, fieldSelector, namespace } = this.selection;
    const what = `watch ${this.#name()}`;
    try {
      const chunks = await this.#client.connection.stream({
        what,
        path: pathOf(resource, namespace),
        query: {
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion: this.#resourceVersion,
          labelSelector,
          fieldSelector,
        },
        signal: connection.signal,
      });
      for await (const line of linesOf(chunks)) {
        stale.refresh();
        this.#take(line, what);
        progress.made = true;
      }
    } catch (error) {
      if (this.#signal.aborted || !connection.signal.aborted) throw error;
      const seconds = this.#staleAfterMs / 1000;
      this.#report('stale', `Nothing came on the watch of ${this.#name()} for ${seconds} s; it was connected anew.`);
    } finally {
      clearTimeout(stale);
      this.#signal.removeEventListener('abort', stop);
      connection.abort();
    }
  }

  #take(line: string, what: string): void {
    const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#change(this.#objects.has(uidOf(object)) ? 'modified' : 'added', this.#project(object));
        break;
      case 'DELETED':
        this.#change('deleted', this.#project(object));
        break;
      case 'BOOKMARK':
        break;
      case 'ERROR':
        throw errorOf(object, what);
      default:
        throw new Error(`the API server sent an event of unknown type ${type}`);
    }
    this.#resourceVersion = object.metadata.resourceVersion;
  }

  /** Handles an error that ended a connection; returns whether to reconnect. */
  #canGoOn(error: unknown): boolean {
    const gone = error instanceof KubeError && error.status === 410;
    if (error instanceof Expired || gone) {
      if (this.#resourceVersion !== undefined) {
        this.#report(
          'expired',
          `The API server no longer had all changes of ${this.#name()}; they were listed anew, and states in between may be missing.`,
        );
      }
      this.#resourceVersion = undefined;
      return true;
    }
    if (error instanceof KubeError && error.status === 404) {
      // The kind itself is gone, and its objects with it.
      for (const object of this.objects) this.#change('deleted', object);
      this.#resourceVersion = undefined;
      this.#client.discovery.forget(this.selection.apiVersion);
      return true;
    }
    if (error instanceof KubeError && (error.status === 401 || error.status === 403)) {
      this.#report('refused', error.message);
      return false;
    }
    const message =
      error instanceof KubeError ? error.message : `The watch of ${this.#name()} broke off (${describeCause(error)}).`;
    this.#report('disconnected', message);
    return true;
  }

  /** Waits until the API server has the kind; returns false if that cannot happen. */
  async #untilDefined(): Promise<boolean> {
    this.#report('absent', `The API server at ${this.#client.server} has no kind ${describeResource(this.selection)}.`);
    const group = groupOf(this.selection.apiVersion);
    const { plural, kind } = this.selection;
    if (!group.includes('.')) return false;
    this.#markListed();
    const defined = Promise.withResolvers<KubeObject>();
    const consider = ({ object }: WatchEvent) => {
      const spec = object.spec as { group: string; names: { kind: string; plural: string } };
      const named =
        spec.group === group && (plural === undefined ? spec.names.kind === kind : spec.names.plural === plural);
      if (named && isTrue(object, 'Established')) defined.resolve(object);
    };
    await using _definitions = new ResourceWatch(
      this.#client,
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        ...(plural === undefined ? {} : { fieldSelector: `metadata.name=${plural}.${group}` }),
      },
      { signal: this.#signal, onEvent: consider },
    );
    const stopped = Promise.withResolvers<undefined>();
    this.#signal.addEventListener('abort', () => stopped.resolve(undefined), { once: true });
    const definition = this.#signal.aborted ? undefined : await Promise.race([defined.promise, stopped.promise]);
    if (definition === undefined) return false;
    this.#client.discovery.learn(definition);
    return true;
  }

  #change(change: WatchEvent['change'], object: KubeObject): void {
    if (change === 'deleted') this.#objects.delete(uidOf(object));
    else this.#objects.set(uidOf(object), object);
    const event = { at: new Date(), change, object };
    for (const listener of [...this.#listeners]) listener.onEvent?.(event);
  }

  #report(kind: WatchProblem['kind'], message: string): void {
    const problem = { at: new Date(), kind, message };
    this.#problems.push(problem);
    for (const listener of [...this.#listeners]) listener.onProblem?.(problem);
  }

  #name(): string {
    const { namespace } = this.selection;
    return `${describeResource(this.selection)}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
  }
}

function uidOf(object: KubeObject): string {
  const { uid, namespace, name } = object.metadata;
  return uid ?? `${namespace ?? ''}/${name}`;
}

function errorOf(status: unknown, what: string): Error {
  const { code } = status as { code?: number };
  return code === 410 ? new Expired() : refusal(what, code ?? 500, JSON.stringify(status));
}
