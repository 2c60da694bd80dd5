import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { type Components, debianPackages, pebbleVersion } from '../components/index.ts';
import { connectCell, type RunningCell } from '../environment/cell/cell.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { imageOf } from '../platform/component-image.ts';
import {
  exitCodeOf,
  overallResult,
  type Report,
  type ReportDestination,
  type RunError,
  reportSchemaVersion,
  type UnwrittenReport,
  writeReports,
} from '../report/index.ts';
import { runSuite, type ScenarioEvent } from '../suite/run-suite.ts';
import { type Sabotage, sabotages } from '../suite/sabotage.ts';
import type { Scenario } from '../suite/scenario.ts';
import { UserError } from '../user-error.ts';
import type { CommandContext } from './command-context.ts';
import { bringUp, builtComponents, howToReach, requireMachine, timedLines } from './environment-session.ts';
import { selectScenarios } from './selection.ts';

interface RunOptions {
  readonly subnet?: number;
  readonly on?: string;
  readonly report?: string;
  readonly keep: boolean;
  readonly json: boolean;
  readonly sabotage?: string;
}

/** What a run has come to, whether it got to its end or not. */
interface Progress {
  components: Components | null;
  cell: RunningCell | null;
  kubernetesVersion: string | null;
  peakMemoryBytes: number | null;
  scenarios: UnwrittenReport['scenarios'];
  evidence: ReadonlyMap<string, Evidence>;
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
  const scenarios = selectScenarios(ids);
  const sabotage = findSabotage(options.sabotage);
  const shared = options.on === undefined ? null : await connectCell(options.on);
  await requireMachine();
  const startedAt = new Date();
  const progress: Progress = {
    components: null,
    cell: shared,
    kubernetesVersion: null,
    peakMemoryBytes: null,
    scenarios: [],
    evidence: new Map(),
    timings: { buildMs: null, upMs: null, runMs: null, downMs: null },
    error: null,
    problems: [],
  };
  try {
    await perform(progress, scenarios, sabotage, options, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    progress.error = { message: error instanceof Error ? error.message : String(error) };
    process.stderr.write(`${progress.error.message}\n`);
  } finally {
    await takeDown(progress, options);
  }
  const destination: ReportDestination =
    options.report === undefined ? { below: 'reports' } : { folder: options.report };
  const written = await writeReports(await reportOf(progress, startedAt), progress.evidence, destination);
  for (const warning of written.warnings) process.stderr.write(`${warning}\n`);
  tell(written.report, written.folder);
  if (progress.cell && options.keep && options.on === undefined) process.stderr.write(howToReach(progress.cell));
  if (options.json) process.stdout.write(`${JSON.stringify(written.report, null, 2)}\n`);
  return exitCodeOf(written.report.result);
}

async function perform(
  progress: Progress,
  scenarios: readonly Scenario[],
  sabotage: Sabotage | null,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const [components, buildMs] = await timed(() => builtComponents(signal));
  progress.components = components;
  progress.timings.buildMs = buildMs;
  if (progress.cell === null) {
    const name = `run-${randomBytes(3).toString('hex')}`;
    const [cell, upMs] = await timed(() => bringUp({ name, components, subnet: options.subnet, signal }));
    progress.cell = cell;
    progress.timings.upMs = upMs;
  }
  const environment = progress.cell;
  const say = timedLines();
  const [suite, runMs] = await timed(() =>
    runSuite({
      scenarios,
      environment,
      httpbinImage: imageOf(components, 'docker.io/mccutchen/go-httpbin').name,
      sabotage,
      keep: options.keep,
      signal,
      onScenario: (event) => say(lineOf(event)),
    }),
  );
  progress.timings.runMs = runMs;
  progress.scenarios = suite.scenarios;
  progress.evidence = suite.evidence;
  progress.kubernetesVersion = suite.kubernetesVersion;
  progress.problems.push(...suite.problems);
}

function lineOf(event: ScenarioEvent): string {
  switch (event.event) {
    case 'started':
      return `${event.scenario}: started`;
    case 'waiting':
      return `${event.scenario}: waits for ${event.what}`;
    case 'ended':
      return `${event.scenario}: ${event.result} after ${(event.durationMs / 1000).toFixed(1)} s`;
  }
}

async function takeDown(progress: Progress, options: RunOptions): Promise<void> {
  if (!progress.cell || options.on !== undefined) return;
  if (options.keep) {
    await progress.cell.detach();
    return;
  }
  const { downMs, peakMemoryBytes } = await progress.cell.down();
  progress.peakMemoryBytes = peakMemoryBytes;
  progress.timings.downMs = downMs;
}

async function reportOf(progress: Progress, startedAt: Date): Promise<UnwrittenReport> {
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
    if (error) process.stderr.write(`    ${error.message}${error.lastSeen ? `; last seen: ${error.lastSeen}` : ''}\n`);
    for (const check of checks)
      if (check.result === 'failed') process.stderr.write(`    failed ${check.id}: ${check.message}\n`);
  }
  process.stderr.write(`${report.result}; the reports are in ${join(folder)}\n`);
}
