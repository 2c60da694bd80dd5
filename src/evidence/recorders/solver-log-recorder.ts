import type { KubeClient } from '../../kube/client.ts';
import type { KubeObject } from '../../kube/kube-object.ts';
import type { ResourceWatch } from '../../kube/watch.ts';
import type { SolverRequest } from '../evidence.ts';
import { redactObject } from '../redaction.ts';
import { parseSolverLogLine } from '../solver-log-line.ts';

/** The label of cert-manager's solver Pods. */
const solverLabel = 'acme.cert-manager.io/http01-solver=true';
const container = 'acmesolver';

/**
 * Records from now on which requests the HTTP-01 solvers of some namespaces answered with the key, by their own logs: a second
 * proof where the gateway's access log cannot be had.
 */
export class SolverLogRecorder implements AsyncDisposable {
  readonly #kube: KubeClient;
  readonly #watches: readonly ResourceWatch[];
  readonly #stop = new AbortController();
  readonly #followed = new Map<string, Promise<void>>();
  readonly #requests: SolverRequest[] = [];

  constructor(kube: KubeClient, namespaces: readonly string[]) {
    this.#kube = kube;
    const { signal } = this.#stop;
    this.#watches = namespaces.map((namespace) =>
      kube.watch(
        { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: solverLabel },
        { signal, project: redactObject, onEvent: ({ object }) => this.#take(object) },
      ),
    );
  }

  /** Those for some hosts since a time. */
  slice({ since, hosts }: { readonly since: Date; readonly hosts: readonly string[] }): SolverRequest[] {
    const from = since.toISOString();
    return this.#requests.filter(({ at, host }) => at >= from && hosts.includes(host));
  }

  #take(pod: KubeObject): void {
    const { uid = '', namespace = '', name } = pod.metadata;
    const { phase } = (pod.status ?? {}) as { phase?: string };
    if (phase !== 'Running' || this.#followed.has(uid)) return;
    this.#followed.set(uid, this.#follow(namespace, name));
  }

  async #follow(namespace: string, name: string): Promise<void> {
    const { signal } = this.#stop;
    try {
      const options = { follow: true, timestamps: true, signal };
      for await (const stamped of this.#kube.podLogs(namespace, name, container, options)) {
        const space = stamped.indexOf(' ');
        const at = new Date(stamped.slice(0, space));
        if (Number.isNaN(at.getTime())) continue;
        const source = { pod: `${namespace}/${name}`, at: at.toISOString() };
        const request = parseSolverLogLine(stamped.slice(space + 1), source);
        if (request !== undefined) this.#requests.push(request);
      }
    } catch {
      // Without it there is no second proof, and the check says what to switch on. Nobody awaits this yet, so that an error of a
      // connection that broke off would end the process.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#watches.map((watch) => watch[Symbol.asyncDispose]()));
    await Promise.all(this.#followed.values());
  }
}
