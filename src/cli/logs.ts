import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { cellLogs } from '../environment/cell/cell.ts';
import { UserError } from '../user-error.ts';

/** `padlock logs [COMPONENT]` */
export async function logs(component: string | undefined, { name }: { name: string }): Promise<number> {
  const files = await cellLogs(name);
  if (component === undefined) {
    for (const known of [...files.keys()].sort()) process.stdout.write(`${known}\n`);
    return 0;
  }
  const file = files.get(component);
  if (!file) {
    throw new UserError(
      `'${component}' has no log in the cell '${name}'; there are ${[...files.keys()].sort().join(', ')}.`,
    );
  }
  await pipeline(createReadStream(file), process.stdout, { end: false });
  return 0;
}
