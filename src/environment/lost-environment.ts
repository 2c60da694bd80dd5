import { setTimeout as delay } from 'node:timers/promises';
import { KubeError } from '../kube/kube-error.ts';
import type { RunningEnvironment } from './environment.ts';

/** A connection that breaks off is seen at once; what broke it is told a moment later. */
const toldWithinMs = 3_000;

/**
 * What made the work on an environment fail: if the environment is lost, that, as all other errors follow from it. An API server that
 * no longer answers is given a moment in which the loss of the environment is told.
 *
 * @param error what the work threw
 * @returns the error, or the reason of the loss
 */
export async function causeOfFailure(
  { lost }: Pick<RunningEnvironment, 'lost'>,
  error: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (lost === undefined || signal.aborted) return error;
  if (!lost.aborted && isUnanswered(error)) await aborted(lost, signal);
  return lost.aborted ? lost.reason : error;
}

function isUnanswered(error: unknown): boolean {
  return error instanceof KubeError && error.status === null;
}

async function aborted(lost: AbortSignal, signal: AbortSignal): Promise<void> {
  const told = Promise.withResolvers<void>();
  lost.addEventListener('abort', () => told.resolve(), { once: true });
  const stop = new AbortController();
  const tooLate = delay(toldWithinMs, undefined, { signal: AbortSignal.any([stop.signal, signal]) }).catch(() => {});
  await Promise.race([told.promise, tooLate]);
  stop.abort();
}
