import type { Command } from 'commander';
import { readConfiguration } from '../../configuration/read-configuration.ts';
import { applyDefaults } from './option-sources.ts';
import { unknownVariables } from './unknown-variables.ts';

/**
 * Fills in the options that a command line left open, before its command runs.
 *
 * @param of the command whose section of the configuration holds them: the runs of a matrix are runs
 * @throws UserError (2) for a configuration that is not right
 */
export async function applyConfiguration(command: Command, of: Command): Promise<void> {
  const section = of.name() as 'run' | 'up' | 'ca';
  for (const sentence of unknownVariables(section, command, process.env)) process.stderr.write(`${sentence}\n`);
  const named = command.getOptionValue('config') as string | undefined;
  const configuration = await readConfiguration(process.cwd(), named);
  applyDefaults(command, {
    section,
    variables: process.env,
    configured: configuration?.contents[section] ?? {},
    file: configuration?.file ?? '',
  });
}
