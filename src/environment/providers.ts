import { UserError } from '../user-error.ts';
import type { EnvironmentProvider, FoundEnvironment } from './provider.ts';

/** A kind of environment, before its provider is loaded. */
export interface RegisteredProvider {
  /** What `--environment` takes, and what reports and `padlock status` call it. */
  readonly kind: string;
  load(): Promise<EnvironmentProvider>;
}

const registered: RegisteredProvider[] = [
  { kind: 'cell', load: async () => (await import('./cell/cell-provider.ts')).cellProvider },
  { kind: 'kind', load: async () => (await import('./kind/kind-provider.ts')).kindProvider },
  { kind: 'existing', load: async () => (await import('./existing/existing-provider.ts')).existingProvider },
];

/** All kinds of environments, the default first. Of several environments with one name, that of the first kind is meant. */
export function registeredProviders(): readonly RegisteredProvider[] {
  return registered;
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

/** The environment that a name on the command line stands for. @throws UserError (2) where there is none */
export async function environmentNamed(name: string): Promise<FoundEnvironment> {
  const [first] = await environmentsNamed(name);
  if (first !== undefined) return first;
  throw new UserError(`No environment is named '${name}'. 'padlock status' lists the environments of this machine.`);
}
