import { UserError } from '../../user-error.ts';
import { cellOptions, cellRefusals } from '../cell/cell-options.ts';
import { existingOptions, existingRefusals } from '../existing/existing-options.ts';
import { kindOptions, kindRefusals } from '../kind/kind-options.ts';
import type { EnvironmentProvider, FoundEnvironment } from '../provider.ts';
import type { ProviderOptions, StartingCommand } from '../provider-option.ts';

/** A kind of environment, before its provider is loaded. */
export interface RegisteredProvider {
  /** What `--environment` takes, and what reports and `padlock status` call it. */
  readonly kind: string;
  /** What it is, for the help of `--environment`, e.g. `a kind cluster made for the run`. */
  readonly summary: string;
  /** The commands that can start it. */
  readonly commands: readonly StartingCommand[];
  readonly options: ProviderOptions;
  /** Why it does not take an option, by the name of the option's value: one sentence for people. */
  readonly refusals?: Readonly<Record<string, string>>;
  load(): Promise<EnvironmentProvider>;
}

const registered: RegisteredProvider[] = [
  {
    kind: 'cell',
    summary: 'a cell made for the run',
    commands: ['run', 'up', 'repro', 'doctor', 'load'],
    options: cellOptions,
    refusals: cellRefusals,
    load: async () => (await import('../cell/cell-provider.ts')).cellProvider,
  },
  {
    kind: 'kind',
    summary: 'a kind cluster made for the run',
    commands: ['run', 'up', 'repro', 'doctor', 'load'],
    options: kindOptions,
    refusals: kindRefusals,
    load: async () => (await import('../kind/kind-provider.ts')).kindProvider,
  },
  {
    kind: 'existing',
    summary: 'a cluster that already exists',
    commands: ['run', 'repro', 'doctor', 'load'],
    options: existingOptions,
    refusals: existingRefusals,
    load: async () => (await import('../existing/existing-provider.ts')).existingProvider,
  },
];

/** All kinds of environments, the default first. Of several environments with one name, that of the first kind is meant. */
export function registeredProviders(): readonly RegisteredProvider[] {
  return registered;
}

/** The provider of a kind. @throws Error for a kind that is not registered */
export function registeredProvider(kind: string): RegisteredProvider {
  const found = registered.find((provider) => provider.kind === kind);
  if (found === undefined) throw new Error(`no environment of the kind '${kind}' is registered`);
  return found;
}

/** Adds a kind of environment until the registration is disposed of. */
export function registerProvider(provider: RegisteredProvider): Disposable {
  registered.push(provider);
  return {
    [Symbol.dispose]() {
      registered.splice(registered.indexOf(provider), 1);
    },
  };
}

/** Every environment of that name, of whatever kind. */
export async function environmentsNamed(name: string): Promise<readonly FoundEnvironment[]> {
  const found = await Promise.all(registered.map(async ({ load }) => await (await load()).find(name)));
  return found.filter((one) => one !== null);
}

/** The environment that a name on the command line stands for. @throws UserError (2) if there is none */
export async function environmentNamed(name: string): Promise<FoundEnvironment> {
  const [first] = await environmentsNamed(name);
  if (first !== undefined) return first;
  throw new UserError(`No environment is named '${name}'. 'padlock status' lists the environments of this machine.`);
}
