import { existsSync } from 'node:fs';
import { allScenarios, suites } from '../../../suites/index.ts';
import { didYouMean } from '../../closest-name.ts';
import { isPathOfScenarios, readOwnScenarios } from '../../own-scenarios/read-own-scenarios.ts';
import { featureNames, features } from '../../suite/features.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { UserError } from '../../user-error.ts';

const defaultSuite = 'core';

/** Which features select scenarios, as `--feature` and `--exempt-feature` give them. */
export interface FeatureSelection {
  /** A scenario must have one of these; empty for any. */
  readonly feature: readonly string[];
  /** A scenario must have none of these. */
  readonly exemptFeature: readonly string[];
}

const anyFeature: FeatureSelection = { feature: [], exemptFeature: [] };

/**
 * The scenarios that ids of scenarios and suites name, and a user's own, each once, without those that their features leave out.
 * Without ids, the suite core; with `--feature` and without ids, every suite.
 *
 * @param own what {@link ownScenarios} found at the paths among the ids
 * @throws UserError (2) naming ids and features that do not exist, or where nothing is selected
 */
export function selectScenarios(
  ids: readonly string[],
  by: FeatureSelection = anyFeature,
  own: readonly Scenario[] = [],
): readonly Scenario[] {
  const names = ids.filter((id) => !isPathOfScenarios(id));
  const otherwise = by.feature.length > 0 ? Object.keys(suites) : [defaultSuite];
  const named = [...(names.length === 0 && own.length > 0 ? [] : scenariosOf(names, otherwise)), ...own];
  const selected = withFeatures(named, by);
  if (selected.length === 0) throw new UserError(nothingSelected(ids, named, by));
  return selected;
}

/**
 * A user's own scenarios at the paths among arguments, each once, with ids that no other one has.
 *
 * @throws UserError (2) with file and line for a scenario that is not right
 */
export async function ownScenarios(ids: readonly string[]): Promise<readonly Scenario[]> {
  const paths = [...new Set(ids.filter(isPathOfScenarios))];
  const taken = new Map(allScenarios.map(({ id }) => [id, "one of Padlock's own scenarios"]));
  const found: Scenario[] = [];
  for (const path of paths) {
    const own = await readOwnScenarios(path, taken);
    for (const { id, source } of own) taken.set(id, `the scenario at ${source?.place}`);
    found.push(...own);
  }
  return found;
}

/** Why features leave nothing of the scenarios, and how to list those that they do select. */
function nothingSelected(ids: readonly string[], named: readonly Scenario[], by: FeatureSelection): string {
  const among = ids.length === 0 ? '' : ` (${named.map(({ id }) => id).join(', ')})`;
  if (by.exemptFeature.length === 0) {
    const wanted =
      by.feature.length === 1 ? `the feature ${by.feature[0]}` : `one of the features ${by.feature.join(', ')}`;
    return `None of the selected scenarios${among} has ${wanted}. 'padlock list --feature ${by.feature.join(' ')}' lists those that have it.`;
  }
  const wanted = by.feature.length === 0 ? '' : `--feature ${by.feature.join(' ')} and `;
  return `None of the selected scenarios${among} is left by ${wanted}--exempt-feature ${by.exemptFeature.join(' ')}.`;
}

/** The scenarios that have one of the wanted features and no exempt one. @throws UserError (2) for an unknown feature */
export function withFeatures(scenarios: readonly Scenario[], by: FeatureSelection): readonly Scenario[] {
  const unknown = [...by.feature, ...by.exemptFeature].filter((name) => !Object.hasOwn(features, name));
  if (unknown.length > 0) {
    const names = unknown.map((name) => `'${name}'`).join(', ');
    throw new UserError(`Unknown feature ${names}. Known features: ${featureNames.join(', ')}.`);
  }
  const has = (scenario: Scenario, names: readonly string[]) => scenario.features.some((name) => names.includes(name));
  return scenarios.filter(
    (scenario) => (by.feature.length === 0 || has(scenario, by.feature)) && !has(scenario, by.exemptFeature),
  );
}

function scenariosOf(ids: readonly string[], unlessGiven: readonly string[]): readonly Scenario[] {
  const wanted = ids.length === 0 ? unlessGiven : ids;
  const unknown = wanted.filter(
    (id) => !Object.hasOwn(suites, id) && !allScenarios.some((scenario) => scenario.id === id),
  );
  if (unknown.length > 0) {
    const known = [...Object.keys(suites), ...allScenarios.map(({ id }) => id)];
    const names = unknown.map((id) => `'${id}'${didYouMean(id, known)}`).join(', ');
    const folder = unknown.find((id) => existsSync(id));
    const hint = folder === undefined ? '' : ` For the scenarios in the folder ${folder} write ./${folder}.`;
    throw new UserError(
      `Unknown scenario or suite ${names}. The suites are ${Object.keys(suites).join(', ')}; 'padlock list' lists their scenarios.${hint}`,
    );
  }
  return allScenarios.filter(
    (scenario) => wanted.includes(scenario.id) || wanted.some((id) => suites[id]?.includes(scenario)),
  );
}
