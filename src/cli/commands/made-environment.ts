import type { ReachableEnvironment } from '../../environment/provider.ts';
import { environmentNamed } from '../../environment/registry/providers.ts';
import { UserError } from '../../user-error.ts';

/** An environment that Padlock made: with its own domain, CA and gateway. */
export type MadeEnvironment = ReachableEnvironment & { readonly made: NonNullable<ReachableEnvironment['made']> };

/**
 * The environment of that name, running.
 *
 * @throws UserError: (2) for an unknown name and for a run in a cluster that was there before, (3) if it no longer runs
 */
export async function madeEnvironment(name: string): Promise<MadeEnvironment> {
  const found = await environmentNamed(name);
  const { made, ...reached } = await found.connect();
  if (made !== undefined) return { ...reached, made };
  throw new UserError(
    `The ${found.title} has no name server and no CA of Padlock's own. Name an environment that 'padlock up' made.`,
  );
}
