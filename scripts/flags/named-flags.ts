import type { Command } from 'commander';

/** A flag that a text names, e.g. `--report`, and the line that does, counted from 1. */
export interface NamedFlag {
  readonly flag: string;
  readonly line: number;
}

/** A call of Padlock that a text shows, e.g. `padlock run core --report r`. */
export interface ShownCall {
  /** The words after `padlock`, up to a quote, a pipe or a comment. */
  readonly words: readonly string[];
  readonly line: number;
}

const flagPattern = /(?<![\w-])--[a-z][a-z0-9-]*[a-z0-9](?!\w)/g;

/**
 * The flags that a text names to a reader. In TypeScript, a string that is a flag as a whole is not a name but an argument
 * for a program: `'--fork'` and `'--name=x'`, unlike `'--name needs a value.'`. CSS variables are none either.
 */
export function namedFlags(text: string): NamedFlag[] {
  return text.split('\n').flatMap((line, index) =>
    [...line.matchAll(flagPattern)]
      .filter(({ 0: flag, index: at }) => {
        const before = line.slice(0, at);
        const after = line.slice(at + flag.length);
        const isArgument = /['"`]$/.test(before) && /^['"`=]/.test(after);
        return !isArgument && !before.endsWith('var(');
      })
      .map(({ 0: flag }) => ({ flag, line: index + 1 })),
  );
}

/** Calls of Padlock on command lines and in prose. */
export function shownCalls(text: string): ShownCall[] {
  // A call may go on in the next line, after a backslash.
  const lines = text.replaceAll(/\\\n\s*/g, (gap) => ` ${'\u0000'.repeat(gap.split('\n').length - 1)}`).split('\n');
  let skipped = 0;
  return lines.flatMap((joined, index) => {
    const line = index + 1 + skipped;
    skipped += joined.split('\u0000').length - 1;
    return [...joined.replaceAll('\u0000', '').matchAll(/(?<![\w-])padlock ([a-z][^`'"|#;&>]*)/g)].map(
      ([, words = '']) => ({
        words: words.trim().split(/\s+/),
        line,
      }),
    );
  });
}

/** Every flag of a command line and its subcommands, and those that Commander adds. */
export function flagsOf(command: Command): Set<string> {
  const own = command.options.map(({ long }) => long ?? '');
  return new Set(['--help', ...own, ...command.commands.flatMap((child) => [...flagsOf(child)])]);
}

/**
 * The flags of a call that its command does not have. Words that name no command are prose ("padlock shows …") and give
 * nothing.
 */
export function unknownFlags({ words }: ShownCall, padlock: Command): string[] {
  let command = padlock;
  const above = new Set<string>();
  for (const word of words) {
    const next = command.commands.find((child) => child.name() === word);
    if (next === undefined) break;
    for (const { long } of command.options) if (long) above.add(long);
    command = next;
  }
  if (command === padlock) return [];
  const known = new Set([...above, ...flagsOf(command)]);
  const flags = words.flatMap((word) => word.match(/^\[?(--[a-z][a-z0-9-]*)/)?.[1] ?? []);
  return flags.filter((flag) => !known.has(flag));
}
