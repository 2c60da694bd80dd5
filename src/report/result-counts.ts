import type { ScenarioResult } from './overall-result.ts';

interface Counted {
  readonly result: ScenarioResult;
  /** The reason, or whether it is so. */
  readonly notApplicable?: string | boolean | undefined;
}

/** How often each result came, for people: `3 scenarios: 2 passed, 1 failed`. What is not applicable is counted apart from what was skipped. */
export function countedResults(noun: string, items: readonly Counted[]): string {
  if (items.length === 0) return `no ${noun}s`;
  const words = items.map(({ result, notApplicable }) => (notApplicable ? 'not applicable' : result));
  const counts = (['passed', 'failed', 'error', 'skipped', 'not applicable'] as const).flatMap((word) => {
    const count = words.filter((each) => each === word).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return `${items.length} ${noun}${items.length === 1 ? '' : 's'}: ${counts.join(', ')}`;
}
