import { join } from 'node:path';
import { scenarioFaults } from '../../../faults/index.ts';
import { allScenarios } from '../../../suites/index.ts';
import { applicationImage } from '../../bring-up/application-image.ts';
import { startEnvironment } from '../../bring-up/start-environment.ts';
import type { RunningEnvironment } from '../../environment/environment.ts';
import type { OptionValues } from '../../environment/registry/refuse-options.ts';
import type { ScenarioFault } from '../../faults/fault.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import type { ChecksProof } from '../../prove/checks-proof.ts';
import { proofText } from '../../prove/proof-text.ts';
import { proveChecks } from '../../prove/prove-checks.ts';
import { exitCodeOf } from '../../report/exit-code.ts';
import { writeFileAtomically } from '../../report/folder/write-file-atomically.ts';
import { makeReportFolder } from '../../report/folder/write-report-folder.ts';
import { askCa } from '../../suite/acme/acme-client.ts';
import { newRunName } from '../../suite/run-suite.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { chooseTimeScale } from '../../time-scale.ts';
import type { CommandContext } from './command-context.ts';

/** The options of `padlock doctor --prove`. Those of its environment are in the environment's own table. */
export interface ProveOptions extends OptionValues {
  readonly environment: string;
  readonly json: boolean;
  readonly jsonLines?: string;
  readonly report?: string;
  readonly skip: readonly 'browser'[];
  readonly timeScale?: number;
}

/**
 * `padlock doctor --prove`: stages each fault of a scenario once and sees whether the checks turn red.
 *
 * @returns 0 if every check that must turn red did, 1 if one stayed green, 4 if a fault could not be tried
 * @throws UserError: (2) for wrong usage, (3) if the environment cannot be used; the signal's reason
 */
export async function doctorProve(options: ProveOptions, { signal }: CommandContext): Promise<number> {
  const { environment: kind, json, jsonLines, report } = options;
  chooseTimeScale(options.timeScale ?? null);
  if (report !== undefined) await makeReportFolder({ folder: report }, new Date().toISOString());
  const name = newRunName();
  using narrator = RunNarrator.open({ command: 'doctor', json, jsonLines, signal });
  const { environment, prepared, components } = await startEnvironment({
    ...{ kind, name, options, outlives: false, narrator, signal },
    askDirectory: (outside, directory) => askCa(outside, { ...directory, revoke: null }),
  });
  const { lost } = environment;
  try {
    const { scenario, faults, leftOut } = choose(environment);
    const { proof, evidence } = await proveChecks({
      ...{ run: name, scenario, faults, leftOut, environment },
      httpbinImage: await applicationImage(prepared, components, narrator, signal),
      browser: !options.skip.includes('browser'),
      signal: lost === undefined ? signal : AbortSignal.any([signal, lost]),
      tell: narrator.tell,
    });
    if (report !== undefined) {
      const files = new Map<string, unknown>([...evidence].map(([id, one]) => [join('evidence', `${id}.json`), one]));
      for (const [file, content] of files.set('proof.json', proof))
        await writeFileAtomically(join(report, file), `${JSON.stringify(content, null, 2)}\n`);
    }
    narrator.end(proof.result, report ?? null);
    (json ? process.stderr : process.stdout).write(proofText(proof));
    if (json) process.stdout.write(`${JSON.stringify(proof, null, 2)}\n`);
    return exitCodeOf(proof.result);
  } finally {
    if (!prepared.staysUp) await environment.down();
  }
}

interface Choice {
  readonly scenario: Scenario;
  readonly faults: readonly ScenarioFault[];
  readonly leftOut: ChecksProof['leftOut'];
}

/**
 * The scenario in which faults are staged, and the faults that touch nothing but what it makes, so that they can be staged side by
 * side and beside others.
 */
function choose({ gateway, limits }: RunningEnvironment): Choice {
  const turningRed = scenarioFaults.filter(({ inScenario }) => inScenario.turnsRed.length > 0);
  const leftOut = turningRed.flatMap(({ id, inScenario }) => {
    const why = whyLeftOut(inScenario, limits?.anyAddress ?? true);
    return why === null ? [] : [{ fault: id, why }];
  });
  const without = new Set(leftOut.map(({ fault }) => fault));
  return {
    scenario: scenarioNamed(gateway.ingressClass === null ? 'http01-gateway-api' : 'http01-ingress'),
    faults: turningRed.filter(({ id }) => !without.has(id)),
    leftOut,
  };
}

function whyLeftOut({ slowsOthers, needsAnyAddress }: ScenarioFault['inScenario'], anyAddress: boolean): string | null {
  if (slowsOthers) return 'cert-manager retries without a pause while it lasts, which slows the cluster down.';
  if (needsAnyAddress && !anyAddress) return 'host names here can point at no other address than that of the gateway.';
  return null;
}

function scenarioNamed(id: string): Scenario {
  const found = allScenarios.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no scenario ${id}`);
  return found;
}
