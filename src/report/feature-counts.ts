import type { ScenarioResult } from './overall-result.ts';

interface ScenarioWithFeatures {
  readonly features?: readonly string[] | undefined;
  readonly result: ScenarioResult;
  readonly notApplicable?: string | undefined;
}

interface FeatureCount {
  feature: string;
  passed: number;
  failed: number;
  skipped: number;
  /** Absent for none. */
  notApplicable?: number;
}

/** How the scenarios with each feature came out, in the order in which features first appear. */
export function featureCountsOf(scenarios: readonly ScenarioWithFeatures[]): FeatureCount[] {
  const counts = new Map<string, FeatureCount>();
  for (const { features = [], result, notApplicable } of scenarios) {
    for (const feature of features) {
      const count = counts.get(feature) ?? { feature, passed: 0, failed: 0, skipped: 0 };
      counts.set(feature, count);
      if (notApplicable === undefined) count[result === 'error' ? 'failed' : result] += 1;
      else count.notApplicable = (count.notApplicable ?? 0) + 1;
    }
  }
  return [...counts.values()];
}
