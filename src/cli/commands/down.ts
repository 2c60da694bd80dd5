import { checkEnvironmentName } from '../../environment/environment-name.ts';
import type { EnvironmentProvider } from '../../environment/provider.ts';
import { registeredProviders } from '../../environment/registry/providers.ts';
import { messageOf } from '../../error-message.ts';
import { UserError } from '../../user-error.ts';

/** `padlock down [NAME|--all]` @throws UserError: (2) for an unknown name, (3) naming what could not be removed */
export async function down(name: string | undefined, { all }: { all: boolean }): Promise<number> {
  if (all && name !== undefined)
    throw new UserError(`Pass either a name or --all, not both. 'padlock down ${name}' removes one environment.`);
  return all ? await downAll() : await downNamed(name ?? 'default');
}

async function downNamed(name: string): Promise<number> {
  checkEnvironmentName(name);
  const started = performance.now();
  let found = false;
  for (const { load } of registeredProviders()) {
    const provider = await load();
    if ((await provider.find(name)) === null) continue;
    found = true;
    await provider.remove(name);
  }
  if (!found) {
    throw new UserError(`No environment or run is named '${name}'. 'padlock status' lists those of this machine.`);
  }
  process.stderr.write(`Removed ${name} in ${((performance.now() - started) / 1000).toFixed(1)} s.\n`);
  return 0;
}

/** The environments that this command manages. It says of the others that they stay. */
async function namesOf(kind: string, provider: EnvironmentProvider): Promise<readonly string[]> {
  const all = await provider.list();
  for (const { name, stateHome, advice } of all)
    if (stateHome !== undefined) process.stderr.write(`Left the ${kind} '${name}' alone. ${advice ?? ''}\n`);
  return all.filter(({ stateHome }) => stateHome === undefined).map(({ name }) => name);
}

/** Removes all that can be removed, whatever fails. What belongs to another state folder stays. */
async function downAll(): Promise<number> {
  const removed: string[] = [];
  const failures: string[] = [];
  for (const { kind, load } of registeredProviders()) {
    const provider = await load();
    const names = await namesOf(kind, provider).catch((error: unknown) => {
      failures.push(`Cannot list the environments of the kind ${kind}: ${messageOf(error)}`);
      return [];
    });
    const results = await Promise.allSettled(names.map((name) => provider.remove(name)));
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') removed.push(names[index] ?? '');
      else failures.push(messageOf(result.reason));
    }
  }
  process.stderr.write(removed.length > 0 ? `Removed ${removed.join(', ')}.\n` : 'Nothing to remove.\n');
  if (failures.length > 0) throw new UserError(failures.join('\n'), { exitCode: 3 });
  return 0;
}
