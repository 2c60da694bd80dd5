import { setInterval } from 'node:timers/promises';

/** When a series starts what it does, and when it is over. */
export interface SeriesSchedule {
  /** From one start to the next, in milliseconds. */
  readonly intervalMs: number;
  /** Nothing starts later than this, in milliseconds. */
  readonly durationMs: number;
}

/**
 * Starts something at once and then every so many milliseconds, without waiting for what was started, until the duration is over
 * or the signal aborts. Resolves then.
 */
export async function startEvery(
  { intervalMs, durationMs }: SeriesSchedule,
  ended: AbortSignal,
  start: () => void,
): Promise<void> {
  if (ended.aborted) return;
  const last = performance.now() + durationMs - intervalMs;
  start();
  if (performance.now() > last) return;
  try {
    for await (const _ of setInterval(intervalMs, undefined, { signal: ended })) {
      start();
      if (performance.now() > last) return;
    }
  } catch (error) {
    if (!ended.aborted) throw error;
  }
}
