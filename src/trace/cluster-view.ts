import type { ObjectHistory } from '../evidence/evidence.ts';
import { ObjectHistories } from '../evidence/recorders/object-histories.ts';
import type { ResourceSelection } from '../kube/client.ts';
import type { ResourceName } from '../kube/discovery.ts';
import { KubeError } from '../kube/kube-error.ts';
import type { KubeObject, ObjectRef } from '../kube/kube-object.ts';
import type { TracedCluster } from './traced-cluster.ts';

/**
 * What a user may see of a cluster, read once and without changing anything: objects as they are, redacted, and a sentence
 * for each thing that could not be seen.
 */
export class ClusterView {
  readonly #cluster: TracedCluster;
  readonly #signal: AbortSignal;
  readonly #histories = new ObjectHistories();
  readonly #problems: string[] = [];

  constructor(cluster: TracedCluster, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#signal = signal;
  }

  get objects(): ObjectHistory[] {
    return this.#histories.slice();
  }

  get problems(): readonly string[] {
    return [...this.#problems, ...this.#cluster.gaps];
  }

  note(problem: string): void {
    this.#problems.push(problem);
  }

  /** Whether the API server has a kind at all. */
  async has(kind: ResourceName): Promise<boolean> {
    return await this.#cluster.has(kind);
  }

  /** The versions of an API group that the API server has: empty without the group, null where that is not visible. */
  async versionsOf(group: string): Promise<readonly string[] | null> {
    try {
      return await this.#cluster.versionsOf(group, this.#signal);
    } catch (error) {
      this.#cannotSee(error);
      return null;
    }
  }

  /** An object, or undefined if it does not exist or is not visible. Without a name there is none. */
  async get(ref: ObjectRef): Promise<KubeObject | undefined> {
    const object = await this.peek(ref);
    if (object !== undefined) this.#remember(object);
    return object;
  }

  /** An object that is not to become evidence, or undefined if it does not exist or is not visible. */
  async peek(ref: ObjectRef): Promise<KubeObject | undefined> {
    if (ref.name === '') return undefined;
    try {
      return await this.#cluster.get(ref, this.#signal);
    } catch (error) {
      this.#cannotSee(error);
      return undefined;
    }
  }

  /**
   * The objects of a kind, in one namespace if the user may not list all. Empty for an unknown kind.
   *
   * @param keep which of them become evidence, all by default
   */
  async list(
    selection: ResourceSelection,
    fallbackNamespace?: string,
    keep: (object: KubeObject) => boolean = () => true,
  ): Promise<readonly KubeObject[]> {
    try {
      if (!(await this.has(selection))) return [];
      const objects = (await this.#listed(selection, fallbackNamespace)).filter(keep);
      for (const object of objects) this.#remember(object);
      return objects;
    } catch (error) {
      this.#cannotSee(error);
      return [];
    }
  }

  async #listed(selection: ResourceSelection, fallback: string | undefined): Promise<readonly KubeObject[]> {
    try {
      return await this.#cluster.list(selection, this.#signal);
    } catch (error) {
      const isForbidden = error instanceof KubeError && error.status === 403;
      if (!isForbidden || fallback === undefined || selection.namespace !== undefined) throw error;
      const objects = await this.#cluster.list({ ...selection, namespace: fallback }, this.#signal);
      this.#problems.push(
        `${selection.kind} could not be looked for outside the namespace ${fallback}: the kubeconfig's user may not list it in all namespaces.`,
      );
      return objects;
    }
  }

  #remember(object: KubeObject): void {
    this.#histories.record({ at: this.#cluster.now(), change: 'existed', object });
  }

  #cannotSee(error: unknown): void {
    this.#signal.throwIfAborted();
    if (!(error instanceof KubeError)) throw error;
    this.#problems.push(error.message);
  }
}
