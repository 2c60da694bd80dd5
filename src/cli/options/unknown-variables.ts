import type { Command } from 'commander';
import { didYouMean, editDistance } from '../../closest-name.ts';
import { configurableOptions, variableOf } from './option-sources.ts';

/** The variables that belong to no section. */
const general = ['PADLOCK_CACHE', 'PADLOCK_ATTEST_PASSPHRASE'] as const;

/** How many characters a misspelt name may differ by, so that variables of other programs are not meant. */
const misspelt = 2;

/**
 * Variables of the process environment that look like settings of a command and are none: any name of its section, and what is
 * nearly a general name. Others may belong to a pipeline.
 *
 * @param section of the configuration, e.g. `run`
 * @returns a sentence for each
 */
export function unknownVariables(section: string, command: Command, variables: NodeJS.ProcessEnv): readonly string[] {
  const known = configurableOptions(command).map((option) => variableOf(section, option));
  const shown = configurableOptions(command).flatMap((option) => (option.hidden ? [] : variableOf(section, option)));
  const prefix = `PADLOCK_${section.toUpperCase()}_`;
  return Object.keys(variables).flatMap((name) => {
    if (name.startsWith(prefix)) {
      if (known.includes(name)) return [];
      return `The variable ${name} is ignored: padlock ${section} has no option of that name${didYouMean(name, shown)}.`;
    }
    const near = general.find((one) => name !== one && editDistance(name, one) <= misspelt);
    return near === undefined ? [] : `The variable ${name} is ignored. Did you mean ${near}?`;
  });
}
