import type { EnvironmentProvider } from '../environment/provider.ts';
import type { RunNarrator } from '../progress/run-narrator.ts';
import { UserError } from '../user-error.ts';

/** @throws UserError (3) that names everything this machine lacks for environments of a kind */
export async function requireMachine(
  kind: string,
  provider: Pick<EnvironmentProvider, 'requirements'>,
  narrator: RunNarrator,
): Promise<void> {
  if (provider.requirements === undefined) return;
  narrator.tell({ kind: 'run-phase', phase: 'checking this machine' });
  const missing = (await provider.requirements()).filter(({ optional, met }) => !optional && !met);
  if (missing.length === 0) return;
  const reasons = missing.map(({ message }) => message).join('; ');
  throw new UserError(`This machine cannot run --environment ${kind}: ${reasons}.`, { exitCode: 3 });
}
