import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ProviderOption, StartingCommand } from '../../environment/provider-option.ts';
import { type RegisteredProvider, registeredProviders } from '../../environment/registry/providers.ts';
import { messageOf } from '../../error-message.ts';

interface TableRow {
  readonly name: string;
  readonly option: ProviderOption;
  /** How the help calls the environments that take it, e.g. `cell with --on`. */
  readonly takers: readonly string[];
}

/** Adds `--environment` and, from the table of each environment, the options of a command that starts one. */
export function addEnvironmentOptions(command: Command, starts: StartingCommand): Command {
  const providers = registeredProviders().filter(({ commands }) => commands.includes(starts));
  command.addOption(environmentOption(providers));
  const rows = tableOf(providers).filter(({ option }) => option.commands?.includes(starts) ?? true);
  const groups = Map.groupBy(rows, ({ takers }) => `Options for --environment ${takers.join(' and ')}:`);
  for (const [heading, members] of groups)
    for (const row of members) command.addOption(commanderOption(row).helpGroup(heading));
  return command;
}

function environmentOption(providers: readonly RegisteredProvider[]): Option {
  const [first] = providers;
  return new Option('--environment <kind>', `where to run: ${providers.map(({ summary }) => summary).join(', ')}`)
    .choices(providers.map(({ kind }) => kind))
    .default(first?.kind);
}

/** One row for each option, though several environments take it. */
function tableOf(providers: readonly RegisteredProvider[]): readonly TableRow[] {
  const named = providers.flatMap(({ kind, options }) =>
    Object.entries(options).map(([name, option]) => ({ name, kind, option })),
  );
  return [...Map.groupBy(named, ({ name }) => name).values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const takers = members.map(({ kind, option }) => (option.withOn === undefined ? kind : `${kind} with --on`));
    return [{ name: first.name, option: first.option, takers }];
  });
}

function commanderOption({ name, option }: TableRow): Option {
  const { flags, help, choices, parse } = option;
  const made = new Option(flags, help);
  if (made.attributeName() !== name) throw new Error(`the option ${flags} is named '${name}' in its table`);
  if (choices !== undefined) made.choices(choices);
  if (parse !== undefined) made.argParser((text) => parsed(parse, text));
  return made;
}

function parsed(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}
