import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { attestReports, loadSigningKey } from '../attest/index.ts';
import { collectBundle } from '../bundle/index.ts';
import { type Components, debianPackages, pebbleVersion } from '../components/index.ts';
import { connectCell, type RunningCell } from '../environment/cell/cell.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { KubeClient } from '../kube/client.ts';
import { imageOf } from '../platform/component-image.ts';
import {
  exitCodeOf,
  githubAnnotations,
  makeFolder,
  makeReportFolder,
  overallResult,
  type Report,
  type ReportDestination,
  type RunError,
  removeEmptyReportFolder,
  reportSchemaVersion,
  type UnwrittenReport,
  wantsGithubAnnotations,
  writeReports,
} from '../report/index.ts';
import { visibleLine } from '../report/visible-text.ts';
import { runSuite } from '../suite/run-suite.ts';
import { type Sabotage, sabotages } from '../suite/sabotage.ts';
import type { Scenario } from '../suite/scenario.ts';
import type { ScenarioEvent } from '../suite/scenario-event.ts';
import { type Shard, shardOf } from '../suite/shard.ts';
import { UserError } from '../user-error.ts';
import type { CommandContext } from './command-context.ts';
import { bringUp, builtComponents, howToReach, requireMachine } from './environment-session.ts';
import type { RunEventBody } from './run-event.ts';
import { RunNarrator } from './run-narrator.ts';
import { selectScenarios } from './selection.ts';

interface RunOptions {
  readonly subnet?: number;
  readonly on?: string;
  readonly report?: string;
  readonly keep: boolean;
  readonly json: boolean;
  readonly jsonLines?: string;
  readonly sabotage?: string;
  readonly attest?: string;
  readonly shard?: Shard;
  readonly skip: readonly 'browser'[];
}

/** What a run has come to, whether it got to its end or not. */
interface Progress {
  components: Components | null;
  cell: RunningCell | null;
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

function findSabotage(id: string | undefined): Sabotage | null {
  if (id === undefined) return null;
  const found = sabotages.find((sabotage) => sabotage.id === id);
  if (found) return found;
  throw new UserError(
    `There is no sabotage '${id}'; there are ${sabotages.map((sabotage) => sabotage.id).join(', ')}.`,
  );
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
  const sabotage = findSabotage(options.sabotage);
  const shared = options.on === undefined ? null : await connectCell(options.on);
  const { json, jsonLines } = options;
  using narrator = RunNarrator.open({
    command: 'run',
    scenarios: scenarios.map(({ id }) => id),
    json,
    jsonLines,
    signal,
  });
  narrator.tell({ kind: 'run-phase', phase: 'checking this machine' });
  await requireMachine();
  const startedAt = new Date();
  const destination: ReportDestination =
    options.report === undefined ? { below: 'reports' } : { folder: options.report };
  const reportFolder = await makeReportFolder(destination, startedAt.toISOString());
  const progress: Progress = {
    components: null,
    cell: shared,
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
    await perform(progress, scenarios, sabotage, options, join(reportFolder.folder, 'bundle'), narrator, signal);
  } catch (error) {
    if (signal.aborted) {
      await removeEmptyReportFolder(reportFolder);
      throw error;
    }
    progress.error = { message: error instanceof Error ? error.message : String(error) };
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
  if (progress.cell && options.keep && options.on === undefined) process.stderr.write(howToReach(progress.cell));
  if (options.json) process.stdout.write(`${JSON.stringify(written.report, null, 2)}\n`);
  return exitCodeOf(written.report.result);
}

async function perform(
  progress: Progress,
  scenarios: readonly Scenario[],
  sabotage: Sabotage | null,
  options: RunOptions,
  bundleFolder: string,
  narrator: RunNarrator,
  signal: AbortSignal,
): Promise<void> {
  const [components, buildMs] = await timed(() => builtComponents(narrator, signal));
  progress.components = components;
  progress.timings.buildMs = buildMs;
  if (progress.cell === null) {
    const name = `run-${randomBytes(3).toString('hex')}`;
    const [cell, upMs] = await timed(() => bringUp({ name, components, subnet: options.subnet, narrator, signal }));
    progress.cell = cell;
    progress.timings.upMs = upMs;
  }
  const environment = progress.cell;
  narrator.tell({ kind: 'run-phase', phase: 'starting the recorders' });
  const [suite, runMs] = await timed(() =>
    runSuite({
      scenarios,
      environment,
      httpbinImage: imageOf(components, 'docker.io/mccutchen/go-httpbin').name,
      sabotage,
      keep: options.keep,
      browser: !options.skip.includes('browser'),
      onFailure: (scenario) => bundleOf(progress, join(bundleFolder, scenario), scenario, signal),
      signal,
      onScenario: (event) => narrator.tell(runEventOf(event)),
    }),
  );
  progress.timings.runMs = runMs;
  progress.scenarios = suite.scenarios;
  progress.evidence = suite.evidence;
  progress.pictures = suite.pictures;
  progress.kubernetesVersion = suite.kubernetesVersion;
  progress.problems.push(...suite.problems);
}

function runEventOf(event: ScenarioEvent): RunEventBody {
  switch (event.event) {
    case 'started':
      return { kind: 'scenario-started', scenario: event.scenario };
    case 'step':
      return { kind: 'scenario-step', scenario: event.scenario, step: event.step, detail: event.detail };
    case 'waiting':
      return { kind: 'scenario-waiting', scenario: event.scenario, what: event.what, withinMs: event.withinMs };
    case 'waited':
      return { kind: 'scenario-waited', scenario: event.scenario, what: event.what, durationMs: event.durationMs };
    case 'ended':
      return {
        kind: 'scenario-ended',
        scenario: event.scenario,
        result: event.result,
        durationMs: event.durationMs,
      };
  }
}

/** Collects diagnostics while what failed is still there. That they could not be collected is a problem, and no error. */
async function bundleOf(progress: Progress, folder: string, name: string, signal: AbortSignal): Promise<void> {
  const { cell } = progress;
  if (cell === null) return;
  try {
    await makeFolder(folder);
    await using kube = await KubeClient.open({ path: cell.kubeconfig });
    await collectBundle({ kube, folder, logs: await cell.logs(), signal, onProblem: () => {} });
    progress.bundles.push(name);
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    progress.problems.push(`The diagnostics of ${name} could not be collected: ${reason}`);
  }
}

async function takeDown(progress: Progress, options: RunOptions, narrator: RunNarrator): Promise<void> {
  if (!progress.cell || options.on !== undefined) return;
  if (options.keep) {
    await progress.cell.detach();
    return;
  }
  const environment = progress.cell.name;
  narrator.tell({ kind: 'environment-removing', environment });
  const { downMs, peakMemoryBytes } = await progress.cell.down();
  narrator.tell({ kind: 'environment-removed', environment, durationMs: Math.round(downMs) });
  progress.peakMemoryBytes = peakMemoryBytes;
  progress.timings.downMs = downMs;
}

async function reportOf(progress: Progress, startedAt: Date, { shard, skip }: RunOptions): Promise<UnwrittenReport> {
  const { components, cell, scenarios, timings, error, problems } = progress;
  const ca = cell?.ca;
  return {
    schemaVersion: reportSchemaVersion,
    padlock: { version: packageJson.version },
    result: overallResult({ scenarios, ...(error ? { error } : {}) }),
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    environment: {
      kind: 'cell',
      name: cell?.name ?? 'none',
      os: osName(),
      kernel: release(),
      arch: process.arch,
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
      nodeVersion: process.versions.node,
      kubernetesVersion: progress.kubernetesVersion,
      peakMemoryBytes: progress.peakMemoryBytes,
    },
    components: [...(components?.describe() ?? []), ...(await debianPackages())],
    notUpstream: [...(components?.notUpstream ?? [])],
    ca: ca
      ? { directoryUrl: ca.directoryUrl, software: ca.software, version: pebbleVersion, settings: { ...ca.settings } }
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
    process.stderr.write(
      `${result === 'passed' ? '✓' : '✗'} ${id}: ${count('passed')} of ${checks.length} checks passed\n`,
    );
    if (error) {
      const lastSeen = error.lastSeen ? `; last seen: ${error.lastSeen}` : '';
      process.stderr.write(`    ${visibleLine(`${error.message}${lastSeen}`)}\n`);
    }
    for (const check of checks)
      if (check.result === 'failed') process.stderr.write(`    failed ${check.id}: ${visibleLine(check.message)}\n`);
  }
  process.stderr.write(`${report.result}; the reports are in ${join(folder)}\n`);
}
