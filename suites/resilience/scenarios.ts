import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Failure } from './failure.ts';
import { resilienceScenario } from './resilience-scenario.ts';

const folder = join(import.meta.dirname, 'failures');
const files = readdirSync(folder)
  .filter((name) => /^[a-z0-9-]+\.[jt]s$/.test(name))
  .toSorted();

/** Every failure: a file of `failures/`, in the order of their names. */
const failures: readonly Failure[] = await Promise.all(
  files.map(async (file) => {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as { readonly default: Failure };
    return module.default;
  }),
);

/** The suite resilience: a renewal during each failure. */
export default failures.map(resilienceScenario);
