import { allScenarios, suites } from '../../../suites/index.ts';
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
 * The scenarios that ids of scenarios and suites name, each once, without those that their features leave out. Without ids, the
 * suite core; with `--feature` and without ids, every suite.
 *
 * @throws UserError (2) naming ids and features that do not exist, or where nothing is selected
 */
export function selectScenarios(ids: readonly string[], by: FeatureSelection = anyFeature): readonly Scenario[] {
  const selected = withFeatures(scenariosOf(ids, by.feature.length > 0 ? Object.keys(suites) : [defaultSuite]), by);
  if (selected.length === 0)
    throw new UserError('No scenario has the features that --feature and --exempt-feature select.');
  return selected;
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
    const known = [...Object.keys(suites), ...allScenarios.map(({ id }) => id)].join(', ');
    throw new UserError(`Unknown scenario or suite ${unknown.map((id) => `'${id}'`).join(', ')}. Known: ${known}.`);
  }
  return allScenarios.filter(
    (scenario) => wanted.includes(scenario.id) || wanted.some((id) => suites[id]?.includes(scenario)),
  );
}
