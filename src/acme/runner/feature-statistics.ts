import type { CaFeature } from '../catalogue/features.ts';
import { caFeatureNames, caFeatures } from '../catalogue/features.ts';
import type { CheckResult, Conformance } from './conformance.ts';

/** What the checks of each feature found, in the order of the vocabulary, without features of which no check was selected. */
export function featureStatistics(
  checks: readonly Pick<CheckResult, 'feature' | 'verdict'>[],
  claimed: readonly CaFeature[] | null,
): NonNullable<Conformance['features']> {
  return caFeatureNames.flatMap((name) => {
    const own = checks.filter(({ feature }) => feature === name);
    if (own.length === 0) return [];
    const count = (...verdicts: readonly CheckResult['verdict'][]) =>
      own.filter(({ verdict }) => verdicts.includes(verdict)).length;
    const counts = {
      passed: count('passed'),
      failed: count('failed'),
      warned: count('warned'),
      skipped: count('skipped', 'not-claimed'),
    };
    const isClaimed = claimed === null ? null : claimed.includes(name);
    return [{ name, title: caFeatures[name], claimed: isClaimed, ...counts }];
  });
}

/** The claimed features that no check could judge: a claim without a proof. */
export function unprovenClaims(features: NonNullable<Conformance['features']>): readonly string[] {
  return features
    .filter(({ claimed, passed, failed, warned }) => claimed === true && passed + failed + warned === 0)
    .map(({ name }) => name);
}

/** Whether a CA claims a feature, in one word. */
export function claimedInWords(claimed: boolean | null): string {
  if (claimed === null) return 'not declared';
  return claimed ? 'yes' : 'no';
}
