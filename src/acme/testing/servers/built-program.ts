import { existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = process.env.PADLOCK_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'padlock');

/** The newest build of a component's program on this machine, or why there is none. */
export function builtProgram(
  component: string,
  program: string,
): { readonly file: string } | { readonly file: null; readonly reason: string } {
  const builds = join(cache, 'components', component);
  const files = existsSync(builds)
    ? readdirSync(builds)
        .map((build) => join(builds, build, program))
        .filter((file) => existsSync(file))
    : [];
  const [newest] = files.toSorted((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  if (newest !== undefined) return { file: newest };
  return { file: null, reason: `${component} is not built: no ${builds}/*/${program} (padlock build ${component})` };
}
