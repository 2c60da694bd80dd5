import { UserError } from '../../user-error.ts';
import { flagOf } from '../provider-option.ts';
import { registeredProvider, registeredProviders } from './providers.ts';

/** Values of options by name; one that was not given is absent, undefined or, for a flag, false. */
export type OptionValues = Readonly<Record<string, unknown>>;

/**
 * Refuses options that an environment of this kind does not take, or does not take where it is already up.
 *
 * @throws UserError (2) that names the options and what takes them
 */
export function refuseOptions(kind: string, values: OptionValues): void {
  const { options, refusals = {} } = registeredProvider(kind);
  const refused = givenOptions(values).filter(([name]) => {
    const option = options[name];
    return option === undefined || (option.withOn !== undefined && values.on === undefined);
  });
  const [first] = refused;
  if (first === undefined) {
    refuseForOneThatIsUp(kind, values);
    return;
  }
  const needs = whatTakes(first[0]);
  const alike = refused.filter(([name]) => whatTakes(name) === needs);
  const flags = alike.map(([, flag]) => flag).join(', ');
  const why = alike.flatMap(([name]) => refusals[name] ?? [])[0];
  throw new UserError(
    `${flags} ${alike.length === 1 ? 'needs' : 'need'} ${needs}.${why === undefined ? '' : ` ${why}`}`,
  );
}

/** With `--on` the environment is as it was made: its report must not name what was not installed. */
function refuseForOneThatIsUp(kind: string, values: OptionValues): void {
  if (values.on === undefined) return;
  const { options } = registeredProvider(kind);
  const flags = givenOptions(values).flatMap(([name, flag]) => (options[name]?.freshOnly ? [flag] : []));
  if (flags.length === 0) return;
  throw new UserError(
    `${flags.join(', ')} ${flags.length === 1 ? 'needs' : 'need'} a fresh environment; ${String(values.on)} is already up.`,
  );
}

/** The names and flags of what was given of all tables. */
function givenOptions(values: OptionValues): readonly (readonly [name: string, flag: string])[] {
  const all = registeredProviders().flatMap(({ options }) =>
    Object.entries(options).map(([name, option]) => [name, flagOf(option)] as const),
  );
  return [...new Map(all)].filter(([name]) => values[name] !== undefined && values[name] !== false);
}

/** e.g. `--environment existing, or --on with a running cell that already hosts that CA` */
function whatTakes(name: string): string {
  const takers = registeredProviders().flatMap(({ kind, options }) => {
    const option = options[name];
    return option === undefined ? [] : [{ kind, withOn: option.withOn }];
  });
  const kinds = takers.filter(({ withOn }) => withOn === undefined).map(({ kind }) => kind);
  const whereUp = new Set(takers.flatMap(({ withOn }) => withOn ?? []));
  return [
    ...(kinds.length === 0 ? [] : [`--environment ${kinds.join(' or ')}`]),
    ...[...whereUp].map((what) => `--on with ${what}`),
  ].join(', or ');
}
