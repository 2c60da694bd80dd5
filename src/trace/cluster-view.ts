import type { ObjectHistory } from '../evidence/evidence.ts';
import { ObjectHistories } from '../evidence/recorders/object-histories.ts';
import { list, text } from '../issuance/recorded-object.ts';
import type { KubeClient, ResourceSelection } from '../kube/client.ts';
import type { ResourceName } from '../kube/discovery.ts';
import { KubeError } from '../kube/kube-error.ts';
import type { KubeObject, ObjectRef } from '../kube/kube-object.ts';

/**
 * What a user may see of a cluster, read once and without changing anything: objects as they are, redacted, and a sentence
 * for each thing that could not be seen.
 */
export class ClusterView {
  readonly #kube: KubeClient;
  readonly #signal: AbortSignal;
  readonly #histories = new ObjectHistories();
  readonly #problems: string[] = [];

  constructor(kube: KubeClient, signal: AbortSignal) {
    this.#kube = kube;
    this.#signal = signal;
  }

  get objects(): ObjectHistory[] {
    return this.#histories.slice();
  }

  get problems(): readonly string[] {
    return this.#problems;
  }

  note(problem: string): void {
    this.#problems.push(problem);
  }

  /** Whether the API server has a kind at all. */
  async has(kind: ResourceName): Promise<boolean> {
    return (await this.#kube.discovery.find(kind)) !== undefined;
  }

  /** The versions of an API group that the API server has: empty without the group, null where that is not visible. */
  async versionsOf(group: string): Promise<readonly string[] | null> {
    try {
      const answer = await this.#kube.connection.json({
        what: `look for the API group ${group}`,
        path: `/apis/${group}`,
        signal: this.#signal,
      });
      return list(answer, 'versions').flatMap((version) => text(version, 'version') ?? []);
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return [];
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
      return await this.#kube.get(ref, this.#signal);
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
      return await this.#kube.list(selection, this.#signal);
    } catch (error) {
      const isForbidden = error instanceof KubeError && error.status === 403;
      if (!isForbidden || fallback === undefined || selection.namespace !== undefined) throw error;
      const objects = await this.#kube.list({ ...selection, namespace: fallback }, this.#signal);
      this.#problems.push(
        `${selection.kind} could not be looked for outside the namespace ${fallback}: the kubeconfig's user may not list it in all namespaces.`,
      );
      return objects;
    }
  }

  #remember(object: KubeObject): void {
    this.#histories.record({ at: new Date(), change: 'existed', object });
  }

  #cannotSee(error: unknown): void {
    this.#signal.throwIfAborted();
    if (!(error instanceof KubeError)) throw error;
    this.#problems.push(error.message);
  }
}
