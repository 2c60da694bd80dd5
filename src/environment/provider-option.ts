/** The commands that start environments. */
export type StartingCommand = 'run' | 'up' | 'repro' | 'doctor' | 'load';

/**
 * An option of an environment. From this table come the options of `run`, `up`, `repro` and `matrix`, their help and reference, the
 * settings of a configuration file, and the errors for options that an environment does not accept.
 */
export interface ProviderOption<Value = unknown> {
  /** The option in help notation, e.g. `--subnet <range>`; `<name...>` accepts several values. */
  readonly flags: string;
  readonly help: string;
  /** The commands with this option; all by default. */
  readonly commands?: readonly StartingCommand[];
  readonly choices?: readonly string[];
  /** Where the environment takes it only with `--on`: what must be up, e.g. `a running cell that already hosts that CA`. */
  readonly withOn?: string;
  /** Whether it says how the environment is made, so that one that is already up (`--on`) cannot take it. */
  readonly freshOnly?: boolean;
  /** @throws Error with the expected format */
  parse?(text: string): Value;
}

/** The options of an environment, by the names of their values: that of `--node-image` is `nodeImage`. */
export type ProviderOptions = Readonly<Record<string, ProviderOption>>;

/** The values of a table of options. A value that was not given is absent. */
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

/** An option whose text is parsed. @param parse throws an Error with the expected format */
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
