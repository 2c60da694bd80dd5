import { Option } from 'commander';
import { scenarioFaults } from '../../../faults/index.ts';
import { didYouMean } from '../../closest-name.ts';
import type { ScenarioFault } from '../../faults/fault.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { UserError } from '../../user-error.ts';

/** `--fault`: one part of a scenario is broken on purpose. */
export function faultOption(): Option {
  return new Option('--fault <id>', 'break one part on purpose, to see the checks fail');
}

/** The earlier name of `--fault`: it sets the same option and is not shown. */
export function sabotageOption(): Option {
  const option = new Option('--sabotage <id>').hideHelp();
  option.attributeName = () => 'fault';
  return option;
}

/** The fault of a scenario with this id. @throws UserError (2) naming those that exist */
export function findFault(id: string): ScenarioFault {
  const found = scenarioFaults.find((fault) => fault.id === id);
  if (found !== undefined) return found;
  const known = scenarioFaults.map((fault) => fault.id);
  throw new UserError(`Unknown fault '${id}'${didYouMean(id, known)}. Known faults: ${known.join(', ')}.`);
}

/** @throws UserError (2) naming the scenarios in which the fault could not take effect */
export function refuseFaultWithoutEffect(
  { id, inScenario: { needs } }: ScenarioFault,
  scenarios: readonly Pick<Scenario, 'id' | 'features'>[],
): void {
  if (needs === undefined) return;
  const without = scenarios.filter(({ features }) => !features.some((feature) => needs.includes(feature)));
  if (without.length === 0) return;
  throw new UserError(
    `--fault ${id} needs scenarios with the feature ${needs.join(' or ')}, which ${without.map((one) => one.id).join(', ')} ${without.length === 1 ? 'does' : 'do'} not have. Select others, e.g. with --feature ${needs.join(' ')}.`,
  );
}
