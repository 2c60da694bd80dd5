import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ingressGatewayOfCharts } from '../environment/environment.ts';
import { messageOf } from '../error-message.ts';
import { fileErrorReason } from '../file-error.ts';
import type { ScenarioNames } from '../suite/context/scenario-names.ts';
import type { Scenario } from '../suite/scenario.ts';
import { UserError } from '../user-error.ts';
import { loadModule } from './load-module.ts';
import { modulePlaces } from './module-places.ts';
import { completed, type OwnScenario, type StepPlaces, scenario } from './own-scenario.ts';
import { readScenarioDocument } from './scenario-document.ts';
import { isDocument, isModule, isScenarioFile } from './scenario-files.ts';

/** Whether an argument is the path of scenarios rather than an id, which has no slash and no dot. */
export function isPathOfScenarios(argument: string): boolean {
  return /[/.]/.test(argument);
}

/**
 * The scenarios of a user at a path: a module, a YAML document, or a folder with `scenario.ts` or `scenario.yaml` in it or in
 * folders below.
 *
 * @param taken the ids of other scenarios, with where they are
 * @throws UserError (2) in one sentence, with file and line
 */
export async function readOwnScenarios(path: string, taken: ReadonlyMap<string, string>): Promise<readonly Scenario[]> {
  const files = filesAt(path);
  const found: Scenario[] = [];
  const places = new Map(taken);
  for (const file of files) {
    for (const one of await scenariosIn(file)) {
      const { id, source } = one;
      const other = places.get(id);
      if (other !== undefined) {
        throw new UserError(
          `The id ${id} of the scenario at ${source?.place} is taken by ${other}: choose another id.`,
        );
      }
      places.set(id, `the scenario at ${source?.place}`);
      found.push(one);
    }
  }
  return found;
}

/** The files of scenarios at a path. @throws UserError (2) where there is none */
function filesAt(path: string): readonly string[] {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    throw new UserError(`Cannot read the scenarios at ${path}: ${fileErrorReason(cause)}.`, { cause });
  }
  if (!statSync(real).isDirectory()) {
    if (isModule(real) || isDocument(real)) return [real];
    throw new UserError(`A scenario is a module (.ts, .mts, .js, .mjs) or a YAML document, which ${path} is not.`);
  }
  const files = filesBelow(real);
  if (files.length > 0) return files;
  throw new UserError(`No scenario is in ${path}: a scenario is a folder with a scenario.ts or a scenario.yaml.`);
}

function filesBelow(folder: string): readonly string[] {
  let entries: ReturnType<typeof listing>;
  try {
    entries = listing(folder);
  } catch (cause) {
    throw new UserError(`Cannot read the folder ${folder}: ${fileErrorReason(cause)}.`, { cause });
  }
  const here = entries.filter((entry) => entry.isFile() && isScenarioFile(entry.name)).map(({ name }) => name);
  const [first, second] = here;
  if (second !== undefined)
    throw new UserError(`The folder ${folder} has two scenarios, ${first} and ${second}: remove one.`);
  if (first !== undefined) return [join(folder, first)];
  const folders = entries.filter(
    (entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'),
  );
  return folders
    .map(({ name }) => name)
    .toSorted()
    .flatMap((name) => filesBelow(join(folder, name)));
}

function listing(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}

async function scenariosIn(file: string): Promise<readonly Scenario[]> {
  if (isDocument(file)) {
    const { scenario: own, place, placeOfStep, files } = readScenarioDocument(file);
    return [checked(own, { place, placeOfStep, placeOfError: () => null }, files)];
  }
  const exported = await loadModule(file);
  const definitions: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  if (exported === undefined || definitions.length === 0) {
    throw new UserError(
      `The module ${file}:1 has no scenario as its default export: write export default scenario({ … }).`,
    );
  }
  return definitions.map((definition) =>
    checked(definition as OwnScenario, modulePlaces(placeOfId(file, definition), dirname(file))),
  );
}

/** Names for finding mistakes before anything is started. */
const trialNames: ScenarioNames = {
  host: 'trial.padlock.test',
  namespace: 'trial',
  applicationNamespace: 'default',
  suffix: '',
  gateway: ingressGatewayOfCharts,
};

/** @throws UserError (2) with the place, also where only its functions show that it is wrong */
function checked(definition: OwnScenario, places: StepPlaces, files: readonly string[] | null = null): Scenario {
  try {
    const own = completed(scenario(definition), places, files);
    own.sharedNamespaces(trialNames);
    own.furtherHosts?.(trialNames);
    own.subject(trialNames);
    return own;
  } catch (cause) {
    const message = messageOf(cause);
    const file = places.place.replace(/:\d+$/, '');
    const folder = dirname(file);
    if (message.includes(`${folder}/`)) throw new UserError(message, { cause });
    const place = places.placeOfError(cause) ?? places.place;
    throw new UserError(`${message.replace(/\.$/, '')} (${place}).`, { cause });
  }
}

/** The line of a module that has the id of one of its scenarios. */
function placeOfId(file: string, definition: unknown): string {
  const id = typeof definition === 'object' && definition !== null ? Reflect.get(definition, 'id') : undefined;
  const lines = readFileSync(file, 'utf8').split('\n');
  const index = lines.findIndex((line) => /\bid\b/.test(line) && typeof id === 'string' && line.includes(id));
  return `${file}:${index < 0 ? 1 : index + 1}`;
}
