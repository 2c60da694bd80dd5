import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fixturesFolder } from '../suite/context/context.ts';

/** The path of a manifest of a scenario's folder, or of Padlock's shared ones if the folder has none of that name; null if none has. */
export function manifestFile(folder: string, name: string): string | null {
  const own = isAbsolute(name) ? name : join(folder, name);
  if (existsSync(own)) return own;
  const shared = join(fixturesFolder, 'shared', name);
  return !isAbsolute(name) && existsSync(shared) ? shared : null;
}
