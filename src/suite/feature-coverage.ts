import { type FeatureName, featureNames, features } from './features.ts';

/** A feature of the vocabulary with the scenarios that have it. */
export interface CoveredFeature {
  readonly name: FeatureName;
  /** One sentence. */
  readonly means: string;
  /** What the environment or the CA must have, one sentence; null if nothing is needed. */
  readonly needs: string | null;
  /** The ids of the scenarios. */
  readonly scenarios: readonly string[];
}

interface ScenarioWithFeatures {
  readonly id: string;
  readonly features: readonly FeatureName[];
}

/** The whole vocabulary, in its order, with the scenarios that have each feature, in theirs. */
export function featureCoverage(scenarios: readonly ScenarioWithFeatures[]): readonly CoveredFeature[] {
  return featureNames.map((name) => {
    const { means, needs = null } = features[name];
    return {
      name,
      means,
      needs,
      scenarios: scenarios.filter((one) => one.features.includes(name)).map(({ id }) => id),
    };
  });
}
