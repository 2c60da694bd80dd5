import { messageOf } from '../../error-message.ts';
import type { KubeClient } from '../../kube/client.ts';
import { KubeError } from '../../kube/kube-error.ts';
import type { ResourceWatch } from '../../kube/watch.ts';
import { UserError } from '../../user-error.ts';
import { runLabel } from '../run-label.ts';

/** Longer than an API server is unavailable during an upgrade. */
const lostAfterMs = 20_000;
/** Nothing ends a watch whose way is cut: only a question without an answer shows it. */
const askEveryMs = 5_000;
const answerWithinMs = 5_000;

/** Detects that a cluster disappears during a run, by a watch of the run's namespaces and by questions. */
export class ClusterMonitor implements AsyncDisposable {
  readonly #kube: Pick<KubeClient, 'version'>;
  readonly #watch: ResourceWatch;
  readonly #timer: NodeJS.Timeout;
  readonly #lost = new AbortController();
  #awaySince: number | null = null;
  #asking = false;
  readonly #side: string;

  /** @param side what messages call the API server, e.g. `Istio's control plane` */
  constructor(kube: Pick<KubeClient, 'watch' | 'version'>, run: string, side: string) {
    this.#kube = kube;
    this.#side = side;
    this.#watch = kube.watch(
      { apiVersion: 'v1', kind: 'Namespace', labelSelector: `${runLabel}=${run}` },
      {
        onProblem: ({ kind, message, at }) => {
          if (kind === 'refused') this.#lose(message);
          if (kind !== 'disconnected') return;
          this.#isAway(at.getTime(), message);
          // A watch that reconnects does not report it as long as no namespace changes.
          void this.#ask();
        },
        onEvent: () => {
          this.#awaySince = null;
        },
      },
    );
    this.#timer = setInterval(() => void this.#ask(), askEveryMs);
    this.#timer.unref();
  }

  /** Aborts once the cluster counts as gone; the reason is a sentence. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const askedAt = Date.now();
    try {
      await this.#kube.version(AbortSignal.timeout(answerWithinMs));
      this.#awaySince = null;
    } catch (error) {
      // A refusal is an answer.
      if (error instanceof KubeError && error.status !== null) this.#awaySince = null;
      else this.#isAway(askedAt, messageOf(error));
    } finally {
      this.#asking = false;
    }
  }

  /** @param since when it was first seen to be away, in ms since the epoch */
  #isAway(since: number, message: string): void {
    this.#awaySince ??= since;
    if (Date.now() - this.#awaySince > lostAfterMs) this.#lose(message);
  }

  #lose(message: string): void {
    if (this.lost.aborted) return;
    this.#lost.abort(new UserError(`${this.#side} stopped answering during the run: ${message}`, { exitCode: 3 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#watch[Symbol.asyncDispose]();
  }
}
