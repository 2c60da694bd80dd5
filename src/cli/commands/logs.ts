import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { cellLogs } from '../../environment/cell/cell.ts';
import { kindLogs } from '../../environment/kind/kind-logs.ts';
import { UserError } from '../../user-error.ts';
import { isKindAlone } from '../options/named-environment.ts';

/** `padlock logs [COMPONENT]` @throws UserError (2) where there is no environment of that name, or no such log in it */
export async function logs(component: string | undefined, { name }: { name: string }): Promise<number> {
  const isKind = isKindAlone(name);
  const files = await (isKind ? kindLogs(name) : cellLogs(name));
  const known = [...files.keys()].toSorted();
  if (component === undefined) {
    for (const one of known) process.stdout.write(`${one}\n`);
    return 0;
  }
  const file = files.get(component);
  if (!file) {
    const environment = isKind ? 'kind environment' : 'cell';
    const there = known.length === 0 ? 'there is none yet' : `there are ${known.join(', ')}`;
    throw new UserError(`'${component}' has no log in the ${environment} '${name}'; ${there}.`);
  }
  await pipeline(createReadStream(file), process.stdout, { end: false });
  return 0;
}
