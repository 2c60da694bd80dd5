import { join } from 'node:path';
import { suites } from '../../../suites/index.ts';
import { attestReports, loadSigningKey } from '../../attest/index.ts';
import { requireMachine } from '../../bring-up/require-machine.ts';
import { closedOnFailure } from '../../bring-up/start-environment.ts';
import { registeredProvider } from '../../environment/registry/providers.ts';
import { type OptionValues, refuseOptions } from '../../environment/registry/refuse-options.ts';
import { choosePlatform, type PlatformVersions } from '../../platform/platform-versions.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import { exitCodeOf } from '../../report/exit-code.ts';
import { makeReportFolder, removeEmptyReportFolder } from '../../report/folder/write-report-folder.ts';
import { writeReports } from '../../report/folder/write-reports.ts';
import { githubAnnotations, wantsGithubAnnotations } from '../../report/github-annotations.ts';
import { askCa } from '../../suite/acme/acme-client.ts';
import { newRunName } from '../../suite/run-suite.ts';
import type { Scenario } from '../../suite/scenario.ts';
import { type Shard, shardOf } from '../../suite/shard.ts';
import { chooseTimeScale } from '../../time-scale.ts';
import { findFault, refuseFaultWithoutEffect } from '../options/fault.ts';
import { ownScenarios, selectScenarios } from '../options/selection.ts';
import { lastFailed } from '../run/last-failed.ts';
import { Pause } from '../run/pause.ts';
import { printOutcome } from '../run/print-outcome.ts';
import { reportOf } from '../run/report-of-run.ts';
import { RunSession } from '../run/run-session.ts';
import type { CommandContext } from './command-context.ts';

/** The options of `padlock run`. Those of its environment are in the environment's own table. */
export interface RunOptions extends PlatformVersions, OptionValues {
  readonly environment: string;
  readonly report?: string;
  readonly keep: boolean;
  readonly json: boolean;
  readonly jsonLines?: string;
  readonly timeScale?: number;
  readonly fault?: string;
  readonly attest?: string;
  readonly shard?: Shard;
  readonly feature: readonly string[];
  readonly exemptFeature: readonly string[];
  readonly skip: readonly 'browser'[];
  readonly repeat?: number;
  readonly failFast?: boolean;
  readonly pauseOnFailure?: boolean;
  /** A report folder; true for that of the last run. */
  readonly lastFailed?: string | true;
}

/**
 * `padlock run [ID…]`
 *
 * @returns the exit code of the report's result
 * @throws UserError: (2) for wrong usage, (3) if this machine or the cluster cannot be used; the signal's reason
 */
export async function run(ids: readonly string[], options: RunOptions, { signal }: CommandContext): Promise<number> {
  chooseTimeScale(options.timeScale ?? null);
  const pause = options.pauseOnFailure ? new Pause() : null;
  const selected = await selectedScenarios(ids, options);
  const scenarios = options.shard === undefined ? selected : shardOf(selected, options.shard);
  const key = options.attest === undefined ? null : await loadSigningKey(options.attest);
  for (const warning of key?.warnings ?? []) process.stderr.write(`${warning}\n`);
  const fault = options.fault === undefined ? null : findFault(options.fault);
  if (fault !== null) refuseFaultWithoutEffect(fault, scenarios);
  refuseOptions(options.environment, options);
  const chosen = await choosePlatform(options, signal);
  const name = newRunName();
  const { json, jsonLines } = options;
  const chosenIds = scenarios.map(({ id }) => id);
  using narrator = RunNarrator.open({
    ...{ command: 'run', scenarios: chosenIds, json, jsonLines, asks: pause !== null, signal },
  });
  const provider = await registeredProvider(options.environment).load();
  const prepared = await provider.prepare({
    ...{ name, options, outlives: options.keep, fault: fault?.id ?? null, signal },
    askDirectory: (environment, directory) => askCa(environment, { ...directory, revoke: null }),
  });
  const startedAt = new Date();
  const reportFolder = await closedOnFailure(prepared, async () => {
    await requireMachine(options.environment, provider, narrator);
    const destination = options.report === undefined ? { below: 'reports' } : { folder: options.report };
    return await makeReportFolder(destination, startedAt.toISOString());
  });
  const session = new RunSession({
    ...{ name, scenarios, fault, prepared, chosen, pause, narrator, signal },
    ...{ repeat: options.repeat ?? 1, failFast: options.failFast ?? false, keep: options.keep },
    browser: !options.skip.includes('browser'),
    bundleFolder: join(reportFolder.folder, 'bundle'),
  });
  const outcome = await session.perform().catch(async (error: unknown) => {
    await removeEmptyReportFolder(reportFolder);
    throw error;
  });
  narrator.tell({ kind: 'run-phase', phase: 'writing the reports' });
  const report = await reportOf(outcome, { prepared, chosen, startedAt, options, signal });
  const { evidence, pictures } = outcome;
  const written = await writeReports(report, { evidence, pictures }, reportFolder);
  if (key) await attestReports(written.folder, key);
  narrator.end(written.report.result, written.folder);
  for (const warning of written.warnings) process.stderr.write(`${warning}\n`);
  printOutcome(written.report, written.folder);
  // On stderr with everything else that is for people; the CI runner reads commands from both.
  if (wantsGithubAnnotations()) process.stderr.write(`${githubAnnotations(written.report).join('\n')}\n`);
  if (options.keep && !prepared.staysUp && outcome.environment !== null) {
    process.stderr.write(prepared.howToReach(outcome.environment));
  }
  if (options.json) process.stdout.write(`${JSON.stringify(written.report, null, 2)}\n`);
  return exitCodeOf(written.report.result);
}

async function selectedScenarios(ids: readonly string[], options: RunOptions): Promise<readonly Scenario[]> {
  // Whatever ran before may have been of any suite.
  const among = ids.length === 0 && options.lastFailed !== undefined ? Object.keys(suites) : ids;
  const selected = selectScenarios(among, options, await ownScenarios(ids));
  return options.lastFailed === undefined ? selected : await lastFailed(selected, options.lastFailed);
}
