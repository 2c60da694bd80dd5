import type { KubeClient } from '../../kube/client.ts';
import type { ResourceWatch } from '../../kube/watch.ts';
import { UserError } from '../../user-error.ts';
import { runLabel } from '../run-label.ts';

/** Longer than an API server is unavailable during an upgrade. */
const lostAfterMs = 20_000;

/** Detects that a cluster disappears during a run, by a watch of the run's namespaces. */
export class ClusterMonitor implements AsyncDisposable {
  readonly #watch: ResourceWatch;
  readonly #lost = new AbortController();
  #awaySince: number | null = null;
  #asking = false;
  readonly #side: string;

  /** @param side what messages call the API server, e.g. `Istio's control plane` */
  constructor(kube: KubeClient, run: string, side: string) {
    this.#side = side;
    this.#watch = kube.watch(
      { apiVersion: 'v1', kind: 'Namespace', labelSelector: `${runLabel}=${run}` },
      {
        onProblem: ({ kind, message, at }) => {
          if (kind === 'refused') this.#lose(message);
          if (kind !== 'disconnected') return;
          this.#awaySince ??= at.getTime();
          if (at.getTime() - this.#awaySince > lostAfterMs) this.#lose(message);
          else void this.#ask(kube);
        },
        onEvent: () => {
          this.#awaySince = null;
        },
      },
    );
  }

  /** Aborts once the cluster counts as gone; the reason is a sentence. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** A watch that reconnects does not report it as long as no namespace changes. */
  async #ask(kube: KubeClient): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      await kube.version();
      this.#awaySince = null;
    } catch {
      // The watch's next problem counts.
    } finally {
      this.#asking = false;
    }
  }

  #lose(message: string): void {
    if (this.lost.aborted) return;
    this.#lost.abort(new UserError(`${this.#side} stopped answering during the run: ${message}`, { exitCode: 3 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }
}
