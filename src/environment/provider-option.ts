/** The commands that start environments. */
export type StartingCommand = 'run' | 'up';

/**
 * An option of an environment. From this table come the options of `run`, `up` and `matrix`, their help and reference, the
 * settings that a configuration may have, and the errors for options that an environment does not take.
 */
export interface ProviderOption<Value = unknown> {
  /** As people write it, e.g. `--subnet <range>`; `<name...>` takes several values. */
  readonly flags: string;
  readonly help: string;
  /** Which commands have it; both unless given. */
  readonly commands?: readonly StartingCommand[];
  readonly choices?: readonly string[];
  /** Where the environment takes it only with `--on`: what must be up, e.g. `a running cell that already hosts that CA`. */
  readonly withOn?: string;
  /** @throws Error that says what the text must be */
  parse?(text: string): Value;
}

/** The options of an environment, by the names of their values: that of `--node-image` is `nodeImage`. */
export type ProviderOptions = Readonly<Record<string, ProviderOption>>;

/** The values of a table of options. One that was not given is absent. */
export type ValuesOf<Options extends ProviderOptions> = {
  readonly [Name in keyof Options]?: (Options[Name] extends ProviderOption<infer Value> ? Value : never) | undefined;
};

type More = Omit<ProviderOption, 'flags' | 'help' | 'parse'>;

/** An option with a text as its value. */
export function textOption(flags: string, help: string, more: More = {}): ProviderOption<string> {
  return { flags, help, ...more };
}

/** An option with several values. */
export function listOption(flags: string, help: string, more: More = {}): ProviderOption<readonly string[]> {
  return { flags, help, ...more };
}

/** An option without a value. It is given, or absent. */
export function flagOption(flags: string, help: string, more: More = {}): ProviderOption<boolean> {
  return { flags, help, ...more };
}

/** An option whose text is parsed. @param parse throws an Error that says what the text must be */
export function parsedOption<Value>(
  flags: string,
  help: string,
  parse: (text: string) => Value,
  more: More = {},
): ProviderOption<Value> {
  return { flags, help, parse, ...more };
}

/** The flag alone: `--subnet` of `--subnet <range>`. */
export function flagOf({ flags }: Pick<ProviderOption, 'flags'>): string {
  return /--[a-z0-9-]+/.exec(flags)?.[0] ?? flags;
}
