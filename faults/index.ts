import { readdirSync } from 'node:fs';
import type { Fault, ScenarioFault, StandaloneFault } from '../src/faults/fault.ts';

const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** Every fault: the `fault.ts` of each folder here, by id. */
export const faults: readonly Fault[] = await Promise.all(
  folders.map(async (folder) => ((await import(`./${folder}/fault.ts`)) as { default: Fault }).default),
);

/** Those that a scenario can have. */
export const scenarioFaults: readonly ScenarioFault[] = faults.filter(
  (fault): fault is ScenarioFault => fault.inScenario !== undefined,
);

/** Those that can be staged on their own. */
export const standaloneFaults: readonly StandaloneFault[] = faults.filter(
  (fault): fault is StandaloneFault => fault.onItsOwn !== undefined,
);
