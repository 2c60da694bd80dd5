import { suites } from '../../../suites/index.ts';
import { type FeatureSelection, withFeatures } from '../options/selection.ts';

interface ListOptions extends FeatureSelection {
  readonly json: boolean;
}

/** `padlock list` @throws UserError (2) for an unknown feature */
export async function list({ json, ...by }: ListOptions): Promise<number> {
  const listed = Object.entries(suites)
    .map(([suite, scenarios]) => [suite, withFeatures(scenarios, by)] as const)
    .filter(([, scenarios]) => scenarios.length > 0);
  if (json) {
    const data = listed.map(([suite, scenarios]) => ({
      suite,
      scenarios: scenarios.map(({ id, title, why, features, changesClusterWide, settings, checks }) => ({
        id,
        title,
        why,
        features,
        changesClusterWide,
        settings,
        checks: checks.map((check) => ({ id: check.id, asserts: check.asserts })),
      })),
    }));
    process.stdout.write(`${JSON.stringify(data, null, 2)}\n`);
    return 0;
  }
  for (const [suite, scenarios] of listed) {
    process.stdout.write(`${suite}\n`);
    for (const { id, title, why, features, changesClusterWide, checks } of scenarios) {
      process.stdout.write(`  ${id}\n    ${title}\n    ${why}\n`);
      if (changesClusterWide) process.stdout.write(`    Runs alone: ${changesClusterWide}.\n`);
      process.stdout.write(`    Features: ${features.join(', ')}\n`);
      process.stdout.write(`    Checks: ${checks.map((check) => check.id).join(', ')}\n`);
    }
  }
  return 0;
}
