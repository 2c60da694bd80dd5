import type { ScenarioResult } from './overall-result.ts';

/** How often each result came, for people: `3 scenarios: 2 passed, 1 failed`. */
export function countedResults(noun: string, items: readonly { readonly result: ScenarioResult }[]): string {
  if (items.length === 0) return `no ${noun}s`;
  const counts = (['passed', 'failed', 'error', 'skipped'] as const).flatMap((result) => {
    const count = items.filter((item) => item.result === result).length;
    return count === 0 ? [] : [`${count} ${result}`];
  });
  return `${items.length} ${noun}${items.length === 1 ? '' : 's'}: ${counts.join(', ')}`;
}
