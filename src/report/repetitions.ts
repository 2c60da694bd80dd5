import type { ScenarioResult } from './overall-result.ts';

/** Whether a scenario that ran several times passed in some and not in others. */
export function isFlaky(results: readonly ScenarioResult[] = []): boolean {
  return results.includes('passed') && results.some((result) => result === 'failed' || result === 'error');
}

/** e.g. `flaky: passed in 2 of 3 repetitions` */
export function describeRepetitions(results: readonly ScenarioResult[]): string {
  const passed = results.filter((result) => result === 'passed').length;
  return `${isFlaky(results) ? 'flaky: ' : ''}passed in ${passed} of ${results.length} repetitions`;
}
