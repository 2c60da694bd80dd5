import { allScenarios, suites } from '../../../suites/index.ts';
import { isPathOfScenarios } from '../../own-scenarios/read-own-scenarios.ts';
import { featureCoverage } from '../../suite/feature-coverage.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { UserError } from '../../user-error.ts';
import { type FeatureSelection, ownScenarios, withFeatures } from '../options/selection.ts';

interface ListOptions extends FeatureSelection {
  readonly json: boolean;
  /** The vocabulary of features instead of the suites. */
  readonly features: boolean;
}

/**
 * `padlock list [PATH…]`
 *
 * @throws UserError (2) for an unknown feature; for a scenario at a path that is not right, with file and line
 */
export async function list(paths: readonly string[], options: ListOptions): Promise<number> {
  const { json, features: vocabulary, ...by } = options;
  if (vocabulary) return listFeatures(json);
  const listed = Object.entries(await listedSuites(paths))
    .map(([suite, scenarios]) => [suite, withFeatures(scenarios, by)] as const)
    .filter(([, scenarios]) => scenarios.length > 0);
  if (listed.length === 0) process.stderr.write('No scenario matches.\n');
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

/** The suites, or the scenarios at each path. */
async function listedSuites(paths: readonly string[]): Promise<Readonly<Record<string, readonly Scenario[]>>> {
  if (paths.length === 0) return suites;
  const name = paths.find((path) => !isPathOfScenarios(path));
  if (name !== undefined) {
    throw new UserError(`padlock list takes paths of your own scenarios: write ./${name} for the folder ${name}.`);
  }
  const own: [string, readonly Scenario[]][] = [];
  for (const path of paths) own.push([path, await ownScenarios([path])]);
  return Object.fromEntries(own);
}

function listFeatures(json: boolean): number {
  const covered = featureCoverage(allScenarios);
  if (json) {
    process.stdout.write(`${JSON.stringify(covered, null, 2)}\n`);
    return 0;
  }
  for (const { name, means, needs, scenarios } of covered) {
    process.stdout.write(`${name}\n  ${means}\n`);
    if (needs !== null) process.stdout.write(`  Needs: ${needs}\n`);
    process.stdout.write(`  Scenarios: ${scenarios.join(', ') || 'none'}\n`);
  }
  return 0;
}
