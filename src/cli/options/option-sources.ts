import type { Command, Option } from 'commander';
import type { ConfiguredValue } from '../../configuration/read-configuration.ts';
import { UserError } from '../../user-error.ts';

/** Options that are no default for anything: they ask for something else than what the command does. */
const neverConfigured = new Set(['help', 'version', 'debug', 'config']);

/** The options of a command that a configuration or the environment can give. */
export function configurableOptions(command: Command): readonly Option[] {
  return command.options.filter((option) => option.long !== undefined && !neverConfigured.has(option.name()));
}

/** The variable of the process environment that gives an option of a section: `PADLOCK_RUN_REPORT`. */
export function variableOf(section: string, option: Option): string {
  return `PADLOCK_${section}_${option.name()}`.replaceAll('-', '_').toUpperCase();
}

/** Where the defaults of a command come from. */
export interface DefaultSources {
  /** Of the configuration, e.g. `run`; a matrix has that of its runs. */
  readonly section: string;
  readonly variables: NodeJS.ProcessEnv;
  readonly configured: Readonly<Record<string, ConfiguredValue>>;
  /** The configuration's file. */
  readonly file: string;
}

/**
 * Fills in what the command line left open: first from variables of the environment, then from the configuration.
 *
 * @throws UserError (2) for an option that there is not, or a value that it does not take
 */
export function applyDefaults(command: Command, { section, variables, configured, file }: DefaultSources): void {
  const options = configurableOptions(command);
  for (const name of Object.keys(configured)) {
    if (options.some((option) => option.name() === name)) continue;
    const shown = options.filter(({ hidden }) => !hidden);
    const known = shown.map((option) => option.name()).join(', ');
    throw new UserError(`Unknown option ${section}.${name} in the configuration ${file}. Known options: ${known}.`);
  }
  for (const option of options) {
    const attribute = option.attributeName();
    const source = command.getOptionValueSource(attribute);
    if (source !== undefined && source !== 'default') continue;
    const variable = variableOf(section, option);
    const fromVariable = variables[variable];
    const fromFile = configured[option.name()];
    if (fromVariable !== undefined) {
      command.setOptionValueWithSource(attribute, parsedValue(option, fromVariable, `The variable ${variable}`), 'env');
    } else if (fromFile !== undefined) {
      const where = `The configuration ${file}, ${section}.${option.name()},`;
      command.setOptionValueWithSource(attribute, parsedValue(option, fromFile, where), 'config');
    }
  }
}

/** The value of an option as its own parser makes it. @throws UserError (2) for one that it does not take */
export function parsedValue(option: Option, given: ConfiguredValue, where: string): unknown {
  if (option.isBoolean()) {
    if (given === true || given === 'true') return true;
    if (given === false || given === 'false') return false;
    throw new UserError(`${where} must be true or false, not '${given}'.`);
  }
  if (typeof given === 'boolean') throw new UserError(`${where} must be text, not ${given}.`);
  const texts = Array.isArray(given) ? given.map(String) : option.variadic ? String(given).split(',') : [String(given)];
  if (texts.length > 1 && !option.variadic) throw new UserError(`${where} must be one text, not a list.`);
  try {
    // Commander calls the parser of a variadic option with each value and the result so far.
    const values = texts.map((text) => (option.parseArg ? option.parseArg(text, undefined) : text));
    return option.variadic ? values.flat() : values[0];
  } catch (error) {
    throw new UserError(`${where} cannot be '${texts.join(', ')}': ${error instanceof Error ? error.message : error}`);
  }
}
