import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { programFile } from '../src/program-file.ts';
import type { Scenario } from '../src/suite/scenario.ts';

/**
 * The suites by name, `core` first. A suite is a folder here: of scenarios, one `scenario.ts` per folder in the order of their
 * names, or with a table of scenarios, `scenarios.ts`. Nothing lists them by hand.
 */
export const suites: Readonly<Record<string, readonly Scenario[]>> = Object.fromEntries(
  await Promise.all(
    foldersIn(import.meta.dirname)
      .toSorted((one, other) => Number(other === 'core') - Number(one === 'core'))
      .map(async (suite) => [suite, await scenariosOf(join(import.meta.dirname, suite))] as const),
  ),
);

/** Every scenario of every suite. */
export const allScenarios: readonly Scenario[] = Object.values(suites).flat();

async function scenariosOf(folder: string): Promise<readonly Scenario[]> {
  const table = programFile(folder, 'scenarios');
  if (existsSync(table)) return await defaultExport(table);
  return await Promise.all(foldersIn(folder).map((id) => defaultExport<Scenario>(programFile(folder, id, 'scenario'))));
}

function foldersIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? entry.name : [])).toSorted();
}

/** What `scenario()` checked, or the table of such scenarios. */
async function defaultExport<Exported>(file: string): Promise<Exported> {
  const module = (await import(pathToFileURL(file).href)) as { readonly default: Exported };
  return module.default;
}
