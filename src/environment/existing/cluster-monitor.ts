import type { KubeClient } from '../../kube/client.ts';
import type { ResourceWatch } from '../../kube/watch.ts';
import { UserError } from '../../user-error.ts';
import { runLabel } from '../run-label.ts';

/** An API server that is upgraded may be away for less than this. */
const lostAfterMs = 20_000;

/** Notices when a cluster goes away while a run is at work, by a watch of the run's own namespaces. */
export class ClusterMonitor implements AsyncDisposable {
  readonly #watch: ResourceWatch;
  readonly #lost = new AbortController();
  #awaySince: number | null = null;
  #asking = false;

  constructor(kube: KubeClient, run: string) {
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

  /** Aborts, with a sentence as its reason, once the cluster is taken for gone. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** A watch that was cut off and goes on tells nothing of it where no namespace changes. */
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
    this.#lost.abort(new UserError(`The cluster stopped answering during the run: ${message}`, { exitCode: 3 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch[Symbol.asyncDispose]();
  }
}
