import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { environmentNamed } from '../../environment/registry/providers.ts';
import { UserError } from '../../user-error.ts';

/** `padlock logs [COMPONENT]` @throws UserError (2) for an unknown environment or component */
export async function logs(component: string | undefined, { name }: { name: string }): Promise<number> {
  const environment = await environmentNamed(name);
  const files = await environment.logs();
  const known = [...files.keys()].toSorted();
  // On stderr: it is not part of any log.
  if (environment.failure !== undefined) {
    process.stderr.write(`The ${environment.title} failed: ${environment.failure}.\n`);
  }
  if (component === undefined) {
    for (const one of known) process.stdout.write(`${one}\n`);
    return 0;
  }
  const file = files.get(component);
  if (!file) {
    const available = known.length === 0 ? 'It has no logs yet' : `Components with a log: ${known.join(', ')}`;
    throw new UserError(`The ${environment.title} has no log of '${component}'. ${available}.`);
  }
  await pipeline(createReadStream(file), process.stdout, { end: false });
  return 0;
}
