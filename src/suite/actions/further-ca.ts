import { readFile } from 'node:fs/promises';
import type { FurtherCa, FurtherCaOptions } from '../../environment/environment.ts';
import { actionNames } from '../../evidence/action-names.ts';
import { CaLogRecorder } from '../../evidence/recorders/ca-log-recorder.ts';
import type { ScenarioContext } from '../context/context.ts';
import { rootsOfCa } from '../context/roots-of-ca.ts';

/**
 * Starts a CA of the scenario's own, from which its Issuers order from now on. It ends with the scenario.
 *
 * @throws Error where the environment can start none, or it does not start
 */
export async function useFurtherCa(context: ScenarioContext, options: FurtherCaOptions): Promise<FurtherCa> {
  const { environment } = context.parts;
  const further = await environment.startFurtherCa?.(options);
  if (further === undefined) throw new Error('this environment can start no further CA');
  context.started.defer(() => further.end());
  const { directoryCaFile, directoryUrl, log } = further.ca;
  if (directoryCaFile === null || log === null)
    throw new Error('the further CA has no log or no root of its directory');
  const recorder = context.started.use(await CaLogRecorder.start(log.file, log.timeOfLine));
  context.ownCa = {
    authority: further.ca,
    roots: await trustedRoots(context, further),
    directoryCa: await readFile(directoryCaFile, 'utf8'),
    log: recorder,
  };
  context.note(actionNames.ca, `started at ${directoryUrl}`);
  return further;
}

/** Starts the further CA anew: without its accounts, and with another root, which clients trust from now on. */
export async function replaceFurtherCa(context: ScenarioContext, further: FurtherCa): Promise<void> {
  const { ownCa } = context;
  if (ownCa === null) throw new Error('the scenario has no CA of its own');
  await further.restart();
  context.ownCa = { ...ownCa, roots: await trustedRoots(context, further) };
  context.note(actionNames.ca, `set up anew at ${further.ca.directoryUrl}`);
}

/** With the fault of a foreign root, clients trust that one instead. */
async function trustedRoots({ parts }: ScenarioContext, { ca }: FurtherCa): Promise<readonly string[]> {
  return parts.fault?.inScenario.trustsForeignRoot ? parts.caRoots : await rootsOfCa({ ca }, parts.outside);
}
