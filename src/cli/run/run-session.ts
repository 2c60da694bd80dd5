import { join } from 'node:path';
import { builtApplication } from '../../bring-up/application-image.ts';
import { bringUp } from '../../bring-up/bring-up.ts';
import { builtComponents } from '../../bring-up/built-components.ts';
import { closedOnFailure } from '../../bring-up/start-environment.ts';
import type { Components } from '../../components/index.ts';
import type { EnvironmentEnd, RunningEnvironment } from '../../environment/environment.ts';
import { causeOfFailure } from '../../environment/lost-environment.ts';
import type { EnvironmentParts, FailedEnvironment, PreparedEnvironment } from '../../environment/provider.ts';
import { stateRoot } from '../../environment/state-root.ts';
import { messageOf } from '../../error-message.ts';
import { scrubText } from '../../evidence/redaction.ts';
import type { ScenarioFault } from '../../faults/fault.ts';
import { fullDisk } from '../../full-disk.ts';
import type { ChosenParts } from '../../platform/platform-versions.ts';
import type { RunNarrator } from '../../progress/run-narrator.ts';
import { exitCode } from '../../report/exit-code.ts';
import type { RunError } from '../../report/report.ts';
import { runSuite, type SuiteRun } from '../../suite/run-suite.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { UserError } from '../../user-error.ts';
import { collectDiagnostics } from './collect-diagnostics.ts';
import type { Pause } from './pause.ts';
import { repeatedRuns } from './repeated-runs.ts';
import type { RunOutcome, RunTimings } from './run-outcome.ts';
import { spreadOver } from './spread-over.ts';

/** Where diagnostics of the environment itself go, below the folder of those of scenarios. */
const environmentFolder = 'environment';

interface SessionRequest {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
  readonly fault: ScenarioFault | null;
  readonly prepared: PreparedEnvironment;
  /** The parts that are installed at another version than the pinned one. */
  readonly chosen: ChosenParts;
  /** Whether the environment, and what the scenarios made in it, is left. */
  readonly keep: boolean;
  /** Whether a browser looks at what is served. */
  readonly browser: boolean;
  /** How often the scenarios run. */
  readonly repeat: number;
  /** Whether the first scenario that fails ends those beside it, and nothing starts after it. */
  readonly failFast: boolean;
  /** Waits for a person before what failed is removed; null for no pause. */
  readonly pause: Pause | null;
  /** Where diagnostics of what failed go, each in a folder of its own. */
  readonly bundleFolder: string;
  readonly narrator: RunNarrator;
  readonly signal: AbortSignal;
}

/**
 * One run: builds, starts the environment, runs the scenarios, looks at what took part, removes the environment. Each step
 * writes down what it came to, so that a run which ends early still has an outcome.
 */
export class RunSession {
  readonly #request: SessionRequest;
  #components: Components | null = null;
  #environment: RunningEnvironment | null = null;
  #suite: SuiteRun | null = null;
  #parts: EnvironmentParts | null = null;
  #error: RunError | null = null;
  #timings: RunTimings = { buildMs: null, upMs: null, runMs: null, downMs: null };
  #peakMemoryBytes: number | null = null;
  #hasFailed = false;
  /** Ends what runs beside a scenario that failed. */
  readonly #stop = new AbortController();
  readonly #bundles: string[] = [];
  readonly #problems: string[] = [];

  constructor(request: SessionRequest) {
    this.#request = request;
  }

  /**
   * Performs all steps, once.
   *
   * @throws the signal's reason, and UserError (2) if what was asked for cannot be had; the environment is removed before
   */
  async perform(): Promise<RunOutcome> {
    try {
      await this.#build();
      const environment = await this.#start();
      await this.#runScenarios(environment);
      await this.#lookAtParts(environment);
    } catch (error) {
      await this.#failed(error);
    } finally {
      await this.#takeDown();
    }
    return this.#outcome();
  }

  async #build(): Promise<void> {
    const { prepared, narrator, signal } = this.#request;
    if (!prepared.needsComponents) return;
    const [components, buildMs] = await closedOnFailure(prepared, () =>
      timed(() => builtComponents(narrator, signal, prepared.componentChoice)),
    );
    this.#components = components;
    this.#timings = { ...this.#timings, buildMs };
  }

  async #start(): Promise<RunningEnvironment> {
    const { prepared, name, chosen, narrator, signal } = this.#request;
    const { environment, upMs } = await bringUp(prepared, {
      ...{ name, components: this.#components, chosen, narrator, signal },
      onFailure: (failed) => this.#collect(failed, environmentFolder, signal),
    });
    this.#environment = environment;
    this.#timings = { ...this.#timings, upMs };
    return environment;
  }

  async #runScenarios(environment: RunningEnvironment): Promise<void> {
    const { scenarios, narrator } = this.#request;
    narrator.tell({ kind: 'run-phase', phase: 'starting the recorders' });
    const [suite, runMs] = await timed(() => this.#onOneOrMore(environment, scenarios));
    this.#suite = suite;
    this.#timings = { ...this.#timings, runMs };
    this.#problems.push(...suite.problems);
    if (suite.scenarios.some(({ result }) => result !== 'passed')) await this.#nameFullDisk();
  }

  /** Scenarios that change something for the whole cluster run beside the others, where environments may start beside the first. */
  async #onOneOrMore(first: RunningEnvironment, scenarios: readonly Scenario[]): Promise<SuiteRun> {
    const { prepared, narrator, signal } = this.#request;
    const { most, limitedBy } = prepared.beside ?? { most: 0, limitedBy: null };
    const together = scenarios.filter(({ changesClusterWide }) => changesClusterWide === null);
    const alone = scenarios.filter(({ changesClusterWide }) => changesClusterWide !== null);
    const useful = alone.length - (together.length === 0 ? 1 : 0);
    if (useful > 0 && limitedBy !== null) narrator.tell({ kind: 'run-phase', phase: limitedBy });
    const more = Math.min(most, useful);
    if (more <= 0) return await this.#runOn(first, scenarios);
    const runs = await spreadOver<RunningEnvironment, Scenario, SuiteRun>({
      ...{ first, items: alone, more, signal },
      before: async () => (together.length === 0 ? [] : [await this.#runOnNamed(first, together)]),
      start: (number, needed) => this.#startBeside(number, needed),
      onNoStart: (error) => {
        const message = `A further environment did not start, and its scenarios ran in ${first.name}: ${messageOf(error)}`;
        narrator.tell({ kind: 'problem', message });
        this.#problems.push(message);
      },
      run: (environment, scenario) => this.#runOnNamed(environment, [scenario]),
      stop: async (environment) => {
        await this.#remove(environment);
      },
    });
    return joined(scenarios, runs);
  }

  async #startBeside(number: number, signal: AbortSignal): Promise<RunningEnvironment> {
    const { prepared, chosen, narrator } = this.#request;
    const name = `${this.#request.name}-${number}`;
    const another = prepared.beside?.prepare(name);
    if (another === undefined) throw new Error('no environment may start beside the first');
    const { environment } = await bringUp(another, { name, components: this.#components, chosen, narrator, signal });
    return environment;
  }

  async #runOnNamed(environment: RunningEnvironment, scenarios: readonly Scenario[]): Promise<SuiteRun> {
    const { name } = environment;
    const run = await this.#runOn(environment, scenarios, name);
    return { ...run, scenarios: run.scenarios.map((scenario) => ({ ...scenario, environment: name })) };
  }

  /** @param name told with each scenario; absent where the run has one environment */
  async #runOn(environment: RunningEnvironment, scenarios: readonly Scenario[], name?: string): Promise<SuiteRun> {
    const { name: run, fault, prepared, keep, browser, failFast, repeat, narrator } = this.#request;
    const { lost } = environment;
    const signal = lost ? AbortSignal.any([this.#request.signal, lost]) : this.#request.signal;
    const runs: SuiteRun[] = [];
    for (let repetition = 1; repetition <= repeat; repetition += 1) {
      if (repetition > 1 && failFast && this.#hasFailed) break;
      const suite = await runSuite({
        ...{ run, scenarios, environment, fault, browser, repetition, signal },
        keep: keep && repetition === repeat,
        httpbinImage: prepared.applicationImage ?? this.#builtApplication(),
        stop: this.#stop.signal,
        onFailure: async (scenario, names) => {
          this.#hasFailed = true;
          const logs = await environment.logs();
          await this.#collect({ cause: null, running: environment, logs }, scenario, signal);
          await this.#pause(names, environment, signal);
          if (failFast) this.#stop.abort(new Error('another scenario failed'));
        },
        tell: (event) =>
          narrator.tell(
            event.kind === 'scenario-started' && name !== undefined ? { ...event, environment: name } : event,
          ),
      });
      // A scenario that met the loss as an error of its own has ended with that error.
      if (lost?.aborted) throw lost.reason;
      runs.push(suite);
    }
    return repeatedRuns(runs);
  }

  async #pause(
    { namespace, host }: { readonly namespace: string; readonly host: string },
    { kubeconfig }: RunningEnvironment,
    signal: AbortSignal,
  ): Promise<void> {
    const lines = [
      '',
      `A scenario did not pass. What it made is still there: its namespace is ${namespace}, its host ${host}.`,
      `  export KUBECONFIG=${kubeconfig}`,
    ];
    await this.#request.pause?.until(lines, signal);
  }

  /** All sorts of failures follow from a full disk. It is looked at before the environment gives its space back. */
  async #nameFullDisk(): Promise<void> {
    const full = await fullDisk([stateRoot()]);
    if (full === null) return;
    const message = `When the scenarios ended there was ${full}. What failed may follow from that: free some space, and run again.`;
    this.#problems.push(message);
    this.#request.narrator.tell({ kind: 'problem', message });
  }

  #builtApplication(): string {
    if (this.#components === null) throw new Error('an environment without components must name the application image');
    return builtApplication(this.#components);
  }

  async #lookAtParts(environment: RunningEnvironment): Promise<void> {
    this.#parts = await this.#request.prepared.parts(this.#components, environment, this.#request.signal);
  }

  async #failed(error: unknown): Promise<void> {
    const { signal, narrator } = this.#request;
    const environment = this.#environment;
    const cause = environment === null ? error : await causeOfFailure(environment, error, signal);
    // What was asked for cannot be had. No environment failed, and there is nothing to report.
    const isUsage = cause instanceof UserError && cause.exitCode === exitCode.wrongUsage;
    if (signal.aborted || isUsage) throw cause;
    if (environment !== null) {
      const failed = { cause, running: environment, logs: await environment.logs() };
      await this.#collect(failed, environmentFolder, signal);
    }
    const where = this.#bundles.includes(environmentFolder)
      ? ` Its logs and diagnostics are in bundle/${environmentFolder} of the report.`
      : '';
    this.#error = { message: `${scrubText(messageOf(cause))}${where}` };
    narrator.tell({ kind: 'problem', message: this.#error.message });
  }

  /** A failure is a problem of the run, not its error. */
  async #collect(failed: FailedEnvironment, what: string, signal: AbortSignal): Promise<void> {
    const { name: run, prepared, bundleFolder } = this.#request;
    // Of several repetitions, the first that failed is reported.
    if (this.#bundles.includes(what)) return;
    try {
      await collectDiagnostics({
        ...{ failed, signal, folder: join(bundleFolder, what) },
        ...(failed.cause === null ? {} : { reason: messageOf(failed.cause) }),
        namespaces: [what, ...prepared.ownNamespaces].map((beginning) => `${beginning}${run.replace(/^run/, '')}`),
      });
      this.#bundles.push(what);
    } catch (error) {
      signal.throwIfAborted();
      this.#problems.push(`The diagnostics of ${what} could not be collected: ${messageOf(error)}`);
    }
  }

  async #takeDown(): Promise<void> {
    const { prepared, keep, narrator } = this.#request;
    const environment = this.#environment;
    if (environment === null || prepared.staysUp) return;
    if (keep) {
      await environment.detach();
      return;
    }
    try {
      const { downMs, peakMemoryBytes } = await this.#remove(environment);
      this.#peakMemoryBytes = peakMemoryBytes;
      this.#timings = { ...this.#timings, downMs };
    } catch (error) {
      const message = messageOf(error);
      narrator.tell({ kind: 'problem', message });
      if (this.#error === null) this.#error = { message };
      else this.#problems.push(message);
    }
  }

  async #remove(environment: RunningEnvironment): Promise<EnvironmentEnd> {
    const { narrator } = this.#request;
    const { name } = environment;
    narrator.tell({ kind: 'environment-removing', environment: name });
    const end = await environment.down();
    narrator.tell({ kind: 'environment-removed', environment: name, durationMs: Math.round(end.downMs) });
    return end;
  }

  #outcome(): RunOutcome {
    return {
      run: this.#request.name,
      components: this.#components,
      parts: this.#parts,
      environment: this.#environment,
      scenarios: this.#suite?.scenarios ?? [],
      evidence: this.#suite?.evidence ?? new Map(),
      pictures: this.#suite?.pictures ?? new Map(),
      kubernetesVersion: this.#suite?.kubernetesVersion ?? null,
      peakMemoryBytes: this.#peakMemoryBytes,
      timings: this.#timings,
      hasBundle: this.#bundles.length > 0,
      error: this.#error,
      problems: this.#problems,
    };
  }
}

async function timed<Result>(work: () => Promise<Result>): Promise<readonly [Result, number]> {
  const started = performance.now();
  const result = await work();
  return [result, Math.round(performance.now() - started)];
}

/** Several runs as one, with the scenarios in the order in which they were chosen. */
function joined(chosen: readonly Scenario[], runs: readonly SuiteRun[]): SuiteRun {
  return {
    scenarios: chosen.flatMap(({ id }) => runs.flatMap(({ scenarios }) => scenarios.filter((run) => run.id === id))),
    evidence: new Map(runs.flatMap(({ evidence }) => [...evidence])),
    pictures: new Map(runs.flatMap(({ pictures }) => [...pictures])),
    kubernetesVersion: runs[0]?.kubernetesVersion ?? '',
    problems: [...new Set(runs.flatMap(({ problems }) => problems))],
  };
}
