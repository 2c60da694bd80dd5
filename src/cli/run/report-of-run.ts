import { readFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import packageJson from '../../../package.json' with { type: 'json' };
import type { PreparedEnvironment } from '../../environment/provider.ts';
import { type ChosenParts, describeChosen } from '../../platform/platform-versions.ts';
import { featureCountsOf } from '../../report/feature-counts.ts';
import type { UnwrittenReport } from '../../report/folder/write-reports.ts';
import { overallResult } from '../../report/overall-result.ts';
import { reportSchemaVersion } from '../../report/report.ts';
import type { Shard } from '../../suite/shard.ts';
import { timeScale } from '../../time-scale.ts';
import type { RunOutcome } from './run-outcome.ts';

interface ReportedRun {
  readonly prepared: PreparedEnvironment;
  /** The parts that were installed at another version than the pinned one. */
  readonly chosen: ChosenParts;
  readonly startedAt: Date;
  readonly options: { readonly environment: string; readonly shard?: Shard; readonly skip: readonly 'browser'[] };
  readonly signal: AbortSignal;
}

/** The report of a run, also of one that ended early. */
export async function reportOf(outcome: RunOutcome, run: ReportedRun): Promise<UnwrittenReport> {
  const { prepared, chosen, startedAt, options, signal } = run;
  const { components, environment, scenarios, timings, error, problems } = outcome;
  const parts = outcome.parts ?? (await prepared.parts(components, null, signal));
  const ca = environment?.ca;
  return {
    schemaVersion: reportSchemaVersion,
    padlock: { version: packageJson.version },
    result: overallResult({ scenarios, ...(error ? { error } : {}) }),
    startedAt: startedAt.toISOString(),
    endedAt: new Date().toISOString(),
    environment: {
      kind: options.environment,
      name: environment?.name ?? 'none',
      os: osName(),
      kernel: release(),
      arch: process.arch,
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
      timeScale: timeScale(),
      nodeVersion: process.versions.node,
      kubernetesVersion: outcome.kubernetesVersion,
      ...(parts.installation === undefined ? {} : { installation: parts.installation }),
      peakMemoryBytes: outcome.peakMemoryBytes,
    },
    components: [...parts.components, ...describeChosen(chosen)],
    notUpstream: [...parts.notUpstream],
    ca: ca
      ? { directoryUrl: ca.directoryUrl, software: ca.software, version: ca.version, settings: { ...ca.settings } }
      : null,
    shard: options.shard ?? null,
    skippedOnRequest: [...options.skip],
    bundle: outcome.hasBundle ? 'bundle' : null,
    scenarios: [...scenarios],
    features: featureCountsOf(scenarios),
    timings: { ...timings },
    ...(error ? { error } : {}),
    problems: [...problems],
  };
}

function osName(): string {
  const text = readFileSync('/etc/os-release', 'utf8');
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? 'Linux';
}
