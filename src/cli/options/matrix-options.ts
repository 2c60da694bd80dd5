import type { Command } from 'commander';
import type { Combination } from '../../configuration/combinations.ts';
import { UserError } from '../../user-error.ts';
import { configurableOptions, parsedValue } from './option-sources.ts';

/** Options that concern all of a matrix, or one run alone, and so tell no runs apart. */
const notAnAxis = new Set([
  'report',
  'json',
  'json-lines',
  'keep',
  'on',
  'only',
  'shard',
  'attest',
  'fault',
  'sabotage',
  'last-failed',
  'repeat',
  'fail-fast',
  'pause-on-failure',
]);

/**
 * The options of one run of a matrix, by the names of their values.
 *
 * @param command `padlock run` or `padlock matrix`
 * @throws UserError (2) for an axis that is no option, or a value that the option does not take
 */
export function optionsOfCombination(values: Combination, command: Command): Readonly<Record<string, unknown>> {
  const options = configurableOptions(command).filter((option) => !notAnAxis.has(option.name()));
  return Object.fromEntries(
    Object.entries(values).map(([axis, value]) => {
      const option = options.find((one) => one.name() === axis);
      if (option === undefined) {
        const known = options.map((one) => one.name()).join(', ');
        throw new UserError(`The axis '${axis}' of the matrix is not an option of padlock run. Known axes: ${known}.`);
      }
      return [option.attributeName(), parsedValue(option, value, `The matrix's ${axis}`)];
    }),
  );
}
