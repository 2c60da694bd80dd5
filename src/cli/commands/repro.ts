import { faults } from '../../../faults/index.ts';
import { startEnvironment } from '../../bring-up/start-environment.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import type { RunningEnvironment } from '../../environment/environment.ts';
import type { PreparedEnvironment } from '../../environment/provider.ts';
import { registeredProvider, registeredProviders } from '../../environment/registry/providers.ts';
import type { OptionValues } from '../../environment/registry/refuse-options.ts';
import { messageOf } from '../../error-message.ts';
import { ProbeClient, probeAgent } from '../../evidence/probes/probe-client.ts';
import type { StandaloneFault } from '../../faults/fault.ts';
import { certificateOf, type FaultPlace, hostOf } from '../../faults/fault-place.ts';
import { cureFault, endFault, stageFault, untilGone } from '../../faults/stage-fault.ts';
import { KubeClient } from '../../kube/client.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import { awaitServed, awaitSymptom, type VerdictWait } from '../../repro/await-verdict.ts';
import { cureSteps } from '../../repro/cure-text.ts';
import { needsExternalAccount, refuseWhatIsMissing, reproducibleFault } from '../../repro/reproducible-fault.ts';
import { askCa } from '../../suite/acme/acme-client.ts';
import { newRunName } from '../../suite/run-suite.ts';
import { chooseTimeScale } from '../../time-scale.ts';
import { traceText } from '../../trace/trace-text.ts';
import type { Traced } from '../../trace/tracer.ts';
import { UserError } from '../../user-error.ts';
import type { CommandContext } from './command-context.ts';

/** The options of `padlock repro`. Those of its environment are in the environment's own table. */
export interface ReproOptions extends OptionValues {
  readonly environment: string;
  readonly on?: string;
  readonly name?: string;
  readonly cure: boolean;
  readonly remove: boolean;
  readonly list: boolean;
  readonly json: boolean;
  readonly jsonLines?: string;
  readonly timeScale?: number;
}

const longestName = 40;

/**
 * `padlock repro ID`: stages a fault and leaves it up.
 *
 * @returns 0 once the fault shows, or is cured
 * @throws UserError: (2) for wrong usage or a fault that the environment cannot have, (3) if the environment does not start or the
 *   fault or its cure does not show in time
 */
export async function repro(id: string | undefined, options: ReproOptions, context: CommandContext): Promise<number> {
  if (options.list) {
    if (id !== undefined) throw new UserError('Pass either a fault or --list, not both.');
    return list(options.json);
  }
  if (id === undefined) throw new UserError("Name a fault. 'padlock repro --list' lists them.");
  const fault = reproducibleFault(id, faults);
  refuseUse(options);
  chooseTimeScale(options.timeScale ?? null);
  return await new Reproduction(fault, options, context.signal).perform();
}

/** @throws UserError (2) for options that do not go together */
function refuseUse({ environment, on, remove, cure, name }: ReproOptions): void {
  if (on !== undefined && name !== undefined) {
    throw new UserError('--on names the environment that is up: leave --name out.');
  }
  if (name !== undefined && !makesEnvironments(environment)) {
    throw new UserError(
      `--name names an environment that is made for the fault, and not a cluster that was there before: leave it out.`,
    );
  }
  if (!remove) return;
  if (cure) throw new UserError('Pass either --cure or --remove, not both.');
  if (on === undefined && makesEnvironments(environment)) {
    throw new UserError(
      `--remove needs --on, or a cluster that was there before. 'padlock down NAME' removes an environment that was made for a fault.`,
    );
  }
}

/** Whether environments of a kind are made by Padlock, and not there before. */
function makesEnvironments(kind: string): boolean {
  return registeredProvider(kind).commands.includes('up');
}

function nameFor({ id }: StandaloneFault): string {
  return `repro-${id}`.slice(0, longestName).replace(/-$/, '');
}

class Reproduction {
  readonly #fault: StandaloneFault;
  readonly #options: ReproOptions;
  readonly #signal: AbortSignal;
  #isStaged = false;

  constructor(fault: StandaloneFault, options: ReproOptions, signal: AbortSignal) {
    this.#fault = fault;
    this.#options = options;
    this.#signal = signal;
  }

  async perform(): Promise<number> {
    const { environment: kind, on, json, jsonLines } = this.#options;
    const name = this.#options.name ?? (makesEnvironments(kind) ? nameFor(this.#fault) : newRunName());
    const signal = this.#signal;
    using narrator = RunNarrator.open({ command: 'repro', json, jsonLines, signal });
    const { environment, prepared } = await startEnvironment({
      ...{ kind, name, options: this.#options, outlives: true, narrator, signal },
      askDirectory: (outside, directory) => askCa(outside, { ...directory, revoke: null }),
    });
    const { belongsToOthers } = environment;
    const isOwn = on === undefined && !belongsToOthers;
    await using kube = await KubeClient.open({
      ...{ path: environment.kubeconfig, context: environment.context, istio: environment.istio },
    });
    const { lost } = environment;
    const whileThere = lost === undefined ? signal : AbortSignal.any([signal, lost]);
    const run = belongsToOthers ? environment.name : undefined;
    let place: FaultPlace = { environment, kube, run, signal: whileThere };
    try {
      await refuseWhatIsMissing(this.#fault, environment);
      if (needsExternalAccount(this.#fault)) {
        place = { ...place, externalAccount: await environment.externalAccountCa?.() };
      }
    } catch (error) {
      if (!prepared.staysUp) await environment.down();
      throw error;
    }
    if (this.#options.remove) {
      try {
        await endFault(this.#fault, place);
        await untilGone(this.#fault, place);
      } catch (error) {
        // Its watches would keep this process from its end.
        if (!prepared.staysUp) await environment.detach();
        throw error;
      }
      if (belongsToOthers) await environment.down();
      narrator.end('ready');
      process.stderr.write(`Removed what was staged for ${this.#fault.id}.\n`);
      return 0;
    }
    await using outside = new ProbeClient(environment.spawnOutside([process.execPath, probeAgent]));
    const say = (phase: string) => narrator.tell({ kind: 'run-phase', phase });
    const onVerdict = ({ verdict }: Diagnosis) => say(`so far: ${verdict}`);
    try {
      const wait = { place, outside, signal: whileThere, onVerdict };
      const shown = await this.#stage(wait, say);
      const cured = this.#options.cure ? await this.#cure(wait, say) : null;
      if (!prepared.staysUp) await environment.detach();
      narrator.end('ready');
      this.#print(environment, prepared, { shown, cured, isOwn, name: on ?? name });
      return 0;
    } catch (error) {
      if (signal.aborted || (belongsToOthers && !this.#isStaged)) {
        const left: string[] = [];
        const removing = [
          ...(isOwn ? [] : [() => endFault(this.#fault, { environment, kube })]),
          ...(isOwn || belongsToOthers ? [() => environment.down()] : []),
        ];
        // What may not be removed must not hide why it was to be removed.
        for (const remove of removing) await remove().catch((cause: unknown) => left.push(messageOf(cause)));
        if (left.length > 0) await environment.detach();
        if (left.length === 0 && (signal.aborted || error instanceof UserError)) throw error;
        const outcome =
          left.length === 0 ? 'What was staged is removed.' : `Not everything could be removed: ${left.join(' ')}`;
        throw new UserError(`${messageOf(error)} ${outcome}`, { exitCode: 3, cause: error });
      }
      if (!prepared.staysUp) await environment.detach();
      const kept = `${environment.kubeconfig}; ${this.#cleanUp(on ?? name, isOwn)}`;
      const exitCode = error instanceof UserError ? error.exitCode : 3;
      throw new UserError(`${messageOf(error)} It is left up: KUBECONFIG=${kept}.`, { exitCode, cause: error });
    }
  }

  async #stage(wait: VerdictWait, say: (phase: string) => void): Promise<Traced> {
    say(`staging the fault ${this.#fault.id}`);
    await stageFault(this.#fault, wait.place);
    this.#isStaged = true;
    say('waiting until it shows');
    return await awaitSymptom(this.#fault, wait);
  }

  async #cure(wait: VerdictWait, say: (phase: string) => void): Promise<Traced> {
    const { id, cure } = this.#fault;
    if (cure === undefined || cure.steps.length === 0) {
      throw new UserError(`The fault ${id} has no cure that Padlock can apply.`);
    }
    say(`curing it: ${cure.says}`);
    await cureFault(this.#fault, wait.place);
    say('waiting until the certificate is Ready and served');
    return await awaitServed(this.#fault, wait);
  }

  #print(environment: RunningEnvironment, prepared: PreparedEnvironment, ended: Ended): void {
    const { id, title, symptom, cure, upstream = [], affects } = this.#fault;
    const { namespace, name: certificate } = certificateOf(this.#fault, { environment });
    const { shown, cured, isOwn, name } = ended;
    const host = hostOf(this.#fault, environment);
    if (this.#options.json) {
      const told = {
        ...{ fault: id, title, symptom, upstream, affects: affects ?? null },
        ...{ environment: name, kubeconfig: environment.kubeconfig, host, certificate: `${namespace}/${certificate}` },
        ...{ way: shown.stations, diagnosis: shown.diagnosis },
        cure: cure === undefined ? null : { says: cure.says, steps: cureSteps(this.#fault, environment) },
        cured: cured === null ? null : { way: cured.stations, diagnosis: cured.diagnosis },
      };
      process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
      return;
    }
    const lines = [
      `${id}: ${title}.`,
      `Symptom: ${symptom}`,
      ...(affects === undefined ? [] : [`Affects: ${affects}`]),
      ...(upstream.length === 0 ? [] : [`Reported in: ${upstream.join(', ')}`]),
      '',
      traceText(shown.stations, shown.diagnosis),
      ...(cure === undefined ? [] : [`Cure: ${cure.says}`, ...indented(cureSteps(this.#fault, environment))]),
      '',
      ...(cured === null ? [] : ['After the cure:', '', traceText(cured.stations, cured.diagnosis)]),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    process.stderr.write(
      [
        `It is left up. Its host is ${host}, its Certificate ${namespace}/${certificate}.`,
        `  export KUBECONFIG=${environment.kubeconfig}`,
        ...(environment.belongsToOthers
          ? []
          : [
              `  padlock trace certificate ${certificate} -n ${namespace} --name ${name}   traces it again`,
              ...(cured === null ? [`  padlock repro ${id}${this.#where(name)} --cure   applies the cure`] : []),
            ]),
        `  ${this.#cleanUp(name, isOwn)}`,
        '',
      ].join('\n'),
    );
    if (!isOwn && !prepared.isUp) process.stderr.write(prepared.howToReach(environment));
  }

  #where(name: string): string {
    const { environment } = this.#options;
    const isDefault = registeredProviders()[0]?.kind === environment;
    return `${isDefault ? '' : ` --environment ${environment}`} --on ${name}`;
  }

  #cleanUp(name: string, isOwn: boolean): string {
    if (isOwn) return `padlock down ${name}   removes it`;
    if (this.#options.on === undefined)
      return `the same command with --remove instead of --cure removes what was staged; so does 'padlock down ${name}'`;
    return `padlock repro ${this.#fault.id}${this.#where(name)} --remove   removes what was staged`;
  }
}

interface Ended {
  readonly shown: Traced;
  readonly cured: Traced | null;
  /** Whether the environment was made for the fault. */
  readonly isOwn: boolean;
  readonly name: string;
}

function indented(steps: readonly string[]): readonly string[] {
  return steps.flatMap((step, index) =>
    step.split('\n').map((line, at) => (at === 0 ? `  ${index + 1}. ${line}` : `     ${line}`)),
  );
}

function list(json: boolean): number {
  const listed = faults.map((fault) => {
    const { id, title, symptom, diagnosedAs, cure, affects, upstream = [], onItsOwn } = fault;
    return {
      ...{ id, title, symptom, diagnosedAs, upstream, affects: affects ?? null, cure: cure?.says ?? null },
      needs: onItsOwn?.needs ?? [],
      reproducible: onItsOwn !== undefined,
    };
  });
  if (json) {
    process.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
    return 0;
  }
  for (const { id, title, symptom, reproducible } of listed) {
    const how = reproducible ? '' : `\n    In a scenario only: padlock run http01-ingress --fault ${id}`;
    process.stdout.write(`${id}\n    ${title}.\n    ${symptom}${how}\n`);
  }
  return 0;
}
