import { allScenarios, suites } from '../../../suites/index.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { UserError } from '../../user-error.ts';

const defaultSuite = 'core';

/** The scenarios that ids of scenarios and suites name, each once. @throws UserError (2) naming those that do not exist */
export function selectScenarios(ids: readonly string[]): readonly Scenario[] {
  const wanted = ids.length === 0 ? [defaultSuite] : ids;
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
