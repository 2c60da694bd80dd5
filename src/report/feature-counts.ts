import type { ScenarioResult } from './overall-result.ts';

interface ScenarioWithFeatures {
  readonly features?: readonly string[] | undefined;
  readonly result: ScenarioResult;
}

interface FeatureCount {
  feature: string;
  passed: number;
  failed: number;
  skipped: number;
}

/** How the scenarios with each feature came out, in the order in which features first appear. */
export function featureCountsOf(scenarios: readonly ScenarioWithFeatures[]): FeatureCount[] {
  const counts = new Map<string, FeatureCount>();
  for (const { features = [], result } of scenarios) {
    for (const feature of features) {
      const count = counts.get(feature) ?? { feature, passed: 0, failed: 0, skipped: 0 };
      counts.set(feature, count);
      count[result === 'error' ? 'failed' : result] += 1;
    }
  }
  return [...counts.values()];
}
