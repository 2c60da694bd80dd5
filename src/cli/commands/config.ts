import type { Command } from 'commander';
import { combinations } from '../../configuration/combinations.ts';
import { readConfiguration } from '../../configuration/read-configuration.ts';
import { optionsOfCombination } from '../options/matrix-options.ts';
import { applyDefaults, configurableOptions, variableOf } from '../options/option-sources.ts';
import { unknownVariables } from '../options/unknown-variables.ts';

/** A setting that is in force. */
interface Setting {
  readonly command: string;
  readonly option: string;
  readonly value: unknown;
  readonly from: string;
}

export interface ConfigOptions {
  readonly config?: string;
  readonly json: boolean;
}

/**
 * `padlock config`: the effective settings without command-line options, and where each one comes from.
 *
 * @throws UserError (2) for what `padlock run`, `up`, `ca` or `matrix` would refuse
 */
export async function config(options: ConfigOptions, commands: readonly Command[]): Promise<number> {
  const configuration = await readConfiguration(process.cwd(), options.config);
  const contents = configuration?.contents ?? {};
  const file = configuration?.file ?? '';
  const settings: Setting[] = [];
  for (const command of commands) {
    const name = command.name() as 'run' | 'up' | 'ca';
    applyDefaults(command, { section: name, variables: process.env, configured: contents[name] ?? {}, file });
    for (const option of configurableOptions(command)) {
      const value: unknown = command.getOptionValue(option.attributeName());
      if (value === undefined || option.hidden) continue;
      const source = command.getOptionValueSource(option.attributeName());
      const from = source === 'env' ? variableOf(name, option) : source === 'config' ? file : 'default';
      settings.push({ command: name, option: option.name(), value, from });
    }
  }
  const [run] = commands;
  if (contents.matrix !== undefined && run !== undefined)
    for (const values of combinations(contents.matrix)) optionsOfCombination(values, run);
  const ignored = commands.flatMap((command) => unknownVariables(command.name(), command, process.env));
  for (const sentence of new Set(ignored)) process.stderr.write(`${sentence}\n`);
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ file: configuration?.file ?? null, settings, matrix: contents.matrix ?? null }, null, 2)}\n`,
    );
    return 0;
  }
  process.stdout.write(`${configuration === null ? 'No configuration file found' : `Configuration file: ${file}`}\n`);
  for (const { command, option, value, from } of settings) {
    process.stdout.write(`${command}.${option} = ${JSON.stringify(value)}   (${from})\n`);
  }
  for (const [axis, values] of Object.entries(contents.matrix?.axes ?? {})) {
    process.stdout.write(`matrix.${axis} = ${JSON.stringify(values)}   (${file})\n`);
  }
  return 0;
}
