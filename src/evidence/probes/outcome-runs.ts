import type { TlsSeriesProbe } from '../evidence.ts';
import type { Failure } from './probe-observation.ts';

type FailedRun = Extract<TlsSeriesProbe['outcome']['runs'][number], { error: string }>;
type Run<Success> = { since: string; until: string; count: number } & (Success | Failure);

/** One connection or request of a series. */
export interface SeriesEntry<Success> {
  /** Its start, ISO 8601. */
  readonly at: string;
  readonly outcome: Success | Failure;
}

/**
 * Joins consecutive entries with the same outcome: failures by their code, successes by what `keyOf` gives.
 *
 * @param entries in the order of their starts
 */
export function outcomeRuns<Success extends object>(
  entries: readonly SeriesEntry<Success>[],
  keyOf: (success: Success) => string | number,
): (({ since: string; until: string; count: number } & Success) | FailedRun)[] {
  const runs: Run<Success>[] = [];
  let lastKey: string | undefined;
  for (const { at, outcome } of entries) {
    const key = isFailure(outcome) ? `failed ${outcome.code ?? outcome.error}` : `${keyOf(outcome)}`;
    const last = runs.at(-1);
    if (last !== undefined && key === lastKey) {
      last.until = at;
      last.count += 1;
    } else runs.push({ since: at, until: at, count: 1, ...outcome });
    lastKey = key;
  }
  return runs;
}

/** Whether an outcome is a failure. */
export function isFailure(outcome: object): outcome is Failure {
  return 'error' in outcome;
}
