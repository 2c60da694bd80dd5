import { readFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { attestReports, loadSigningKey } from '../../attest/index.ts';
import {
  bringUp,
  bringUpKind,
  builtComponents,
  howToReach,
  howToReachKind,
  type KindOptions,
  requireMachine,
  versionsOf,
} from '../../bring-up/environment-session.ts';
import { collectBundle } from '../../bundle/index.ts';
import { type Components, debianPackages } from '../../components/index.ts';
import { connectCell } from '../../environment/cell/cell.ts';
import type { RunningEnvironment } from '../../environment/environment.ts';
import { ExistingInstallation } from '../../environment/existing/installation.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { ScenarioFault } from '../../faults/fault.ts';
import { KubeClient } from '../../kube/client.ts';
import { imageOf } from '../../platform/component-image.ts';
import { type ChosenParts, choosePlatform, describeChosen } from '../../platform/platform-versions.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import { exitCode, exitCodeOf } from '../../report/exit-code.ts';
import { makeFolder } from '../../report/folder/make-folder.ts';
import {
  makeReportFolder,
  type ReportDestination,
  removeEmptyReportFolder,
} from '../../report/folder/write-report-folder.ts';
import { type UnwrittenReport, writeReports } from '../../report/folder/write-reports.ts';
import { githubAnnotations, wantsGithubAnnotations } from '../../report/github-annotations.ts';
import { overallResult } from '../../report/overall-result.ts';
import { type Report, type RunError, reportSchemaVersion } from '../../report/report.ts';
import { visibleLine } from '../../report/visible-text.ts';
import { newRunName, runSuite } from '../../suite/run-suite.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { type Shard, shardOf } from '../../suite/shard.ts';
import { UserError } from '../../user-error.ts';
import type { CommandContext } from '../command-context.ts';
import { refuseAnotherCa, useCaOfOptions } from '../options/cell-ca.ts';
import {
  type ExistingEnvironmentOptions,
  existingEnvironment,
  httpbinImageOf,
  installed,
  notUpstreamInstalled,
  refuseExistingOptions,
} from '../options/existing-environment.ts';
import { findFault } from '../options/fault.ts';
import { type KindParts, kindParts } from '../options/kind-parts.ts';
import { selectScenarios } from '../options/selection.ts';

export interface RunOptions extends ExistingEnvironmentOptions, KindOptions {
  readonly environment: 'cell' | 'kind' | 'existing';
  readonly subnet?: number;
  readonly on?: string;
  readonly report?: string;
  readonly keep: boolean;
  readonly json: boolean;
  readonly jsonLines?: string;
  readonly fault?: string;
  readonly attest?: string;
  readonly shard?: Shard;
  readonly skip: readonly 'browser'[];
}

/** What a run has come to, whether it got to its end or not. */
interface Progress {
  readonly run: string;
  components: Components | null;
  /** What is installed at another version than the pinned one. */
  readonly chosen: ChosenParts;
  /** What took part on kind. */
  parts: KindParts | null;
  /** What is to be installed in an existing cluster before there is an environment. */
  readonly installation: ExistingInstallation | null;
  environment: RunningEnvironment | null;
  /** For people, where the environment is left up. */
  howToReach: string;
  kubernetesVersion: string | null;
  peakMemoryBytes: number | null;
  scenarios: UnwrittenReport['scenarios'];
  evidence: ReadonlyMap<string, Evidence>;
  pictures: ReadonlyMap<string, Buffer>;
  /** The folders below bundle/ that were filled. */
  bundles: string[];
  timings: { buildMs: number | null; upMs: number | null; runMs: number | null; downMs: number | null };
  error: RunError | null;
  problems: string[];
}

async function timed<Result>(work: () => Promise<Result>): Promise<readonly [Result, number]> {
  const started = performance.now();
  const result = await work();
  return [result, Math.round(performance.now() - started)];
}

/** `padlock run [ID…]` */
export async function run(ids: readonly string[], options: RunOptions, { signal }: CommandContext): Promise<number> {
  const selected = selectScenarios(ids);
  const scenarios = options.shard === undefined ? selected : shardOf(selected, options.shard);
  const key = options.attest === undefined ? null : await loadSigningKey(options.attest);
  for (const warning of key?.warnings ?? []) process.stderr.write(`${warning}\n`);
  const fault = options.fault === undefined ? null : findFault(options.fault);
  const chosen = await choosePlatform(versionsOf(options.environment, options), signal);
  const name = newRunName();
  const found = await foundEnvironment(name, fault, options, signal);
  const { json, jsonLines } = options;
  using narrator = RunNarrator.open({
    command: 'run',
    scenarios: scenarios.map(({ id }) => id),
    json,
    jsonLines,
    signal,
  });
  if (options.environment === 'cell') {
    narrator.tell({ kind: 'run-phase', phase: 'checking this machine' });
    await requireMachine();
  }
  const startedAt = new Date();
  const destination: ReportDestination =
    options.report === undefined ? { below: 'reports' } : { folder: options.report };
  const reportFolder = await makeReportFolder(destination, startedAt.toISOString()).catch(async (error: unknown) => {
    await (found instanceof ExistingInstallation ? found.close() : found?.detach());
    throw error;
  });
  const progress: Progress = {
    run: name,
    components: null,
    chosen,
    parts: null,
    installation: found instanceof ExistingInstallation ? found : null,
    environment: found instanceof ExistingInstallation ? null : found,
    howToReach: '',
    kubernetesVersion: null,
    peakMemoryBytes: null,
    scenarios: [],
    evidence: new Map(),
    pictures: new Map(),
    bundles: [],
    timings: { buildMs: null, upMs: null, runMs: null, downMs: null },
    error: null,
    problems: [],
  };
  try {
    await perform(progress, scenarios, fault, options, join(reportFolder.folder, 'bundle'), narrator, signal);
  } catch (error) {
    // What was asked for cannot be had: that is no environment that failed, and there is nothing to report.
    const isUsage = error instanceof UserError && error.exitCode === exitCode.wrongUsage;
    if (signal.aborted || isUsage) {
      await removeEmptyReportFolder(reportFolder);
      throw error;
    }
    // What else failed follows from that the environment is gone.
    const cause: unknown = progress.environment?.lost?.aborted ? progress.environment.lost.reason : error;
    progress.error = { message: cause instanceof Error ? cause.message : String(cause) };
    narrator.tell({ kind: 'problem', message: progress.error.message });
  } finally {
    await takeDown(progress, options, narrator);
  }
  narrator.tell({ kind: 'run-phase', phase: 'writing the reports' });
  const { evidence, pictures } = progress;
  const written = await writeReports(
    await reportOf(progress, startedAt, options),
    { evidence, pictures },
    reportFolder,
  );
  if (key) await attestReports(written.folder, key);
  narrator.end(written.report.result, written.folder);
  for (const warning of written.warnings) process.stderr.write(`${warning}\n`);
  tell(written.report, written.folder);
  // On stderr with everything else that is for people; the runner reads commands from both.
  if (wantsGithubAnnotations()) process.stderr.write(`${githubAnnotations(written.report).join('\n')}\n`);
  if (options.keep && options.on === undefined) process.stderr.write(progress.howToReach);
  if (options.json) process.stdout.write(`${JSON.stringify(written.report, null, 2)}\n`);
  return exitCodeOf(written.report.result);
}

/**
 * An environment that is there before the run: a cell that is up, or any cluster.
 *
 * @throws UserError where the options do not go together (2) or it cannot be used
 */
async function foundEnvironment(
  run: string,
  fault: ScenarioFault | null,
  options: RunOptions,
  signal: AbortSignal,
): Promise<RunningEnvironment | ExistingInstallation | null> {
  if (options.environment !== 'existing') {
    refuseExistingOptions(options);
    if (options.environment === 'cell' && options.on !== undefined) {
      const cell = await connectCell(options.on);
      await useCaOfOptions(cell, options);
      return cell;
    }
    refuseAnotherCa(
      options,
      'only for --environment existing, or with --on for a cell that is up and has another CA in its internet: the network of a fresh cell is isolated, and holds no CA but its own.',
    );
    if (options.on === undefined) return null;
    return await (await import('../../environment/kind/kind.ts')).connectKind(options.on);
  }
  for (const [option, given] of Object.entries({ on: options.on, subnet: options.subnet, fault: fault?.id })) {
    if (given !== undefined) throw new UserError(`--${option} is for a cell, not for --environment existing.`);
  }
  return await existingEnvironment(options, run, signal);
}

async function perform(
  progress: Progress,
  scenarios: readonly Scenario[],
  fault: ScenarioFault | null,
  options: RunOptions,
  bundleFolder: string,
  narrator: RunNarrator,
  interrupted: AbortSignal,
): Promise<void> {
  const environment = await startedEnvironment(progress, options, bundleFolder, narrator, interrupted);
  const { components } = progress;
  const signal = environment.lost ? AbortSignal.any([interrupted, environment.lost]) : interrupted;
  narrator.tell({ kind: 'run-phase', phase: 'starting the recorders' });
  const [suite, runMs] = await timed(() =>
    runSuite({
      run: progress.run,
      scenarios,
      environment,
      httpbinImage:
        components === null || options.environment === 'existing'
          ? httpbinImageOf(options)
          : imageOf(components, 'docker.io/mccutchen/go-httpbin').name,
      fault,
      keep: options.keep,
      browser: !options.skip.includes('browser'),
      onFailure: (scenario) => bundleOf(progress, environment, join(bundleFolder, scenario), scenario, signal),
      signal,
      tell: (event) => narrator.tell(event),
    }),
  );
  progress.timings.runMs = runMs;
  progress.scenarios = suite.scenarios;
  progress.evidence = suite.evidence;
  progress.pictures = suite.pictures;
  progress.kubernetesVersion = suite.kubernetesVersion;
  progress.problems.push(...suite.problems);
  if (environment.kind === 'kind' && components !== null) {
    await using kube = await KubeClient.open({ path: environment.kubeconfig });
    progress.parts = await kindParts({ kube, components, imageArchive: options.imageArchive, signal });
  }
}

/** The environment of the run; one that is not there yet is brought up with components that are built. */
async function startedEnvironment(
  progress: Progress,
  options: RunOptions,
  bundleFolder: string,
  narrator: RunNarrator,
  signal: AbortSignal,
): Promise<RunningEnvironment> {
  if (options.environment === 'existing' && progress.environment !== null) {
    const { name } = progress.environment;
    await progress.environment.begin?.();
    progress.howToReach = `What the run made is left in the cluster; 'padlock down ${name}' removes it.\n`;
    return progress.environment;
  }
  if (progress.installation !== null)
    return await installedEnvironment(progress, progress.installation, narrator, signal);
  const [components, buildMs] = await timed(() => builtComponents(narrator, signal));
  progress.components = components;
  progress.timings.buildMs = buildMs;
  if (progress.environment !== null) return progress.environment;
  const onFailure = (failed: RunningEnvironment) =>
    bundleOf(progress, failed, join(bundleFolder, 'environment'), 'environment', signal);
  const request = { name: progress.run, components, chosen: progress.chosen, narrator, signal, onFailure };
  if (options.environment === 'kind') {
    const [kind, upMs] = await timed(() => bringUpKind({ ...request, options, outlives: options.keep }));
    progress.environment = kind;
    progress.timings.upMs = upMs;
    progress.howToReach = howToReachKind(kind);
    return kind;
  }
  const [cell, upMs] = await timed(() => bringUp({ ...request, subnet: options.subnet }));
  progress.environment = cell;
  progress.timings.upMs = upMs;
  progress.howToReach = howToReach(cell);
  return cell;
}

/** An existing cluster, once what is wanted is installed in it. */
async function installedEnvironment(
  progress: Progress,
  installation: ExistingInstallation,
  narrator: RunNarrator,
  signal: AbortSignal,
): Promise<RunningEnvironment> {
  const { run: name } = progress;
  if (installation.needsComponents) {
    const [components, buildMs] = await timed(() => builtComponents(narrator, signal)).catch(async (error: unknown) => {
      await installation.close();
      throw error;
    });
    progress.components = components;
    progress.timings.buildMs = buildMs;
  }
  narrator.tell({ kind: 'environment-starting', environment: name });
  const [environment, upMs] = await timed(() =>
    installed(installation, {
      components: progress.components,
      signal,
      onPhase: (phase) => narrator.tell({ kind: 'platform-phase', environment: name, phase }),
    }),
  );
  narrator.tell({ kind: 'environment-ready', environment: name, durationMs: upMs });
  progress.environment = environment;
  progress.timings.upMs = upMs;
  progress.howToReach = `What the run made and installed is left in the cluster; 'padlock down ${name}' removes it.\n`;
  return environment;
}

/** Collects diagnostics while what failed is still there. That they could not be collected is a problem, and no error. */
async function bundleOf(
  progress: Progress,
  environment: RunningEnvironment,
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await makeFolder(folder);
    await using kube = await KubeClient.open({ path: environment.kubeconfig, context: environment.context });
    const { belongsToOthers, gateway } = environment;
    const namespaces = belongsToOthers
      ? {
          namespaces: [
            ...[name, ...(progress.installation?.ownNamespaces ?? [])].map(
              (part) => `${part}${progress.run.replace(/^run/, '')}`,
            ),
            gateway.namespace,
          ],
        }
      : {};
    await collectBundle({ kube, folder, logs: await environment.logs(), ...namespaces, signal, onProblem: () => {} });
    progress.bundles.push(name);
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    progress.problems.push(`The diagnostics of ${name} could not be collected: ${reason}`);
  }
}

async function takeDown(progress: Progress, options: RunOptions, narrator: RunNarrator): Promise<void> {
  const { environment } = progress;
  if (environment === null || options.on !== undefined) return;
  if (options.keep) {
    await environment.detach();
    return;
  }
  const { name } = environment;
  narrator.tell({ kind: 'environment-removing', environment: name });
  try {
    const { downMs, peakMemoryBytes } = await environment.down();
    narrator.tell({ kind: 'environment-removed', environment: name, durationMs: Math.round(downMs) });
    progress.peakMemoryBytes = peakMemoryBytes;
    progress.timings.downMs = downMs;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    narrator.tell({ kind: 'problem', message });
    if (progress.error === null) progress.error = { message };
    else progress.problems.push(message);
  }
}

async function reportOf(progress: Progress, startedAt: Date, options: RunOptions): Promise<UnwrittenReport> {
  const { environment: kind, shard, skip } = options;
  const { chosen, components, environment, parts, scenarios, timings, error, problems } = progress;
  const ca = environment?.ca;
  // What was built here is not what a kind cluster runs.
  const found = environment?.found ?? (kind === 'kind' ? (parts?.components ?? []) : null);
  const notUpstream = kind === 'kind' ? (parts?.notUpstream ?? []) : (components?.notUpstream ?? []);
  return {
    schemaVersion: reportSchemaVersion,
    padlock: { version: packageJson.version },
    result: overallResult({ scenarios, ...(error ? { error } : {}) }),
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    environment: {
      kind,
      name: environment?.name ?? 'none',
      os: osName(),
      kernel: release(),
      arch: process.arch,
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
      nodeVersion: process.versions.node,
      kubernetesVersion: progress.kubernetesVersion,
      peakMemoryBytes: progress.peakMemoryBytes,
    },
    components: [
      ...(found ?? [...(components?.describe() ?? []), ...(await debianPackages())]),
      ...describeChosen(chosen),
    ],
    notUpstream: [...(kind === 'existing' ? notUpstreamInstalled(options) : notUpstream)],
    ca: ca
      ? { directoryUrl: ca.directoryUrl, software: ca.software, version: ca.version, settings: { ...ca.settings } }
      : null,
    shard: shard ?? null,
    skippedOnRequest: [...skip],
    bundle: progress.bundles.length > 0 ? 'bundle' : null,
    scenarios,
    timings,
    ...(error ? { error } : {}),
    problems,
  };
}

function osName(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? 'Linux';
}

/** Says the outcome: failures first, then where to read on. */
function tell(report: Report, folder: string): void {
  for (const { id, result, checks, error } of report.scenarios) {
    const count = (wanted: string) => checks.filter((check) => check.result === wanted).length;
    if (result === 'skipped' && checks.length === 0) {
      process.stderr.write(`- ${report.problems.find((problem) => problem.startsWith(`${id} was skipped`)) ?? id}\n`);
      continue;
    }
    process.stderr.write(
      `${result === 'passed' ? '✓' : '✗'} ${id}: ${count('passed')} of ${checks.length} checks passed\n`,
    );
    if (error) {
      const lastSeen = error.lastSeen ? `; last seen: ${error.lastSeen}` : '';
      process.stderr.write(`    ${visibleLine(`${error.message}${lastSeen}`)}\n`);
    }
    for (const check of checks)
      if (check.result !== 'passed')
        process.stderr.write(`    ${check.result} ${check.id}: ${visibleLine(check.message)}\n`);
  }
  process.stderr.write(`${report.result}; the reports are in ${join(folder)}\n`);
}
