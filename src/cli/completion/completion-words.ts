import type { Command, Option } from 'commander';

/** What may follow the words of a command line. */
export interface CompletionPlace {
  /** The commands that were written, e.g. `dns set`; empty for none. */
  readonly path: string;
  readonly commands: readonly CompletionWord[];
  readonly options: readonly CompletionOption[];
  /** Words for its arguments, such as ids. */
  readonly words: readonly string[];
}

export interface CompletionWord {
  readonly word: string;
  readonly help: string;
}

export interface CompletionOption extends CompletionWord {
  /** The values that it takes; null if it takes none, empty if it takes any, such as a file. */
  readonly values: readonly string[] | null;
}

/**
 * Everything that can be completed, from the table of commands.
 *
 * @param words for the arguments of commands, by the commands' paths
 */
export function completionPlaces(
  command: Command,
  words: Readonly<Record<string, readonly string[]>>,
  path = '',
): readonly CompletionPlace[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const own: CompletionPlace = {
    path,
    commands: commands.map((each) => ({ word: each.name(), help: each.description() })),
    options: help.visibleOptions(command).flatMap(optionOf),
    words: words[path] ?? command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
  const below = commands
    .filter((each) => each.name() !== 'help')
    .flatMap((each) => completionPlaces(each, words, path === '' ? each.name() : `${path} ${each.name()}`));
  return [own, ...below];
}

function optionOf({ long, description, required, optional, argChoices }: Option): readonly CompletionOption[] {
  if (!long) return [];
  return [{ word: long, help: description, values: required || optional ? (argChoices ?? []) : null }];
}
