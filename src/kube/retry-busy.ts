import { setTimeout as delay } from 'node:timers/promises';
import { KubeError } from './kube-error.ts';

/**
 * What an API server answers that has too much to do, has lost touch with etcd or calls a webhook that is not there yet: 429, 500, 503, 504
 * (Kubernetes API conventions, "HTTP Status codes"), and 502 of a load balancer in front of it.
 */
const busyStatuses: ReadonlySet<number | null> = new Set([429, 500, 502, 503, 504]);
const firstPauseMs = 250;
const longestPauseMs = 5_000;

/**
 * Does a request that may be repeated, again and again while the API server is too busy for it.
 *
 * @param withinMs the time limit for all attempts, in milliseconds
 * @throws KubeError the last refusal, with the number of attempts; the signal's reason
 */
export async function retriedWhileBusy<Result>(
  request: () => Promise<Result>,
  { withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Result> {
  const started = performance.now();
  for (let attempt = 1, pauseMs = firstPauseMs; ; attempt += 1, pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof KubeError && busyStatuses.has(error.status))) throw error;
      const isOver = performance.now() - started + pauseMs > withinMs;
      if (isOver) throw attempt === 1 ? error : lastOf(error, attempt, withinMs);
      await delay(pauseMs, undefined, signal === undefined ? {} : { signal }).catch((reason: unknown) => {
        signal?.throwIfAborted();
        throw reason;
      });
    }
  }
}

function lastOf(error: KubeError, attempts: number, withinMs: number): KubeError {
  const message = `${error.message.replace(/\.$/, '')}; so it answered ${attempts} times within ${withinMs / 1000} s.`;
  return new KubeError(message, { status: error.status, reason: error.reason, cause: error });
}
