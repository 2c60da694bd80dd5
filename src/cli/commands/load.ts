import { join } from 'node:path';
import { startEnvironment } from '../../bring-up/start-environment.ts';
import type { OptionValues } from '../../environment/registry/refuse-options.ts';
import { loadHtml } from '../../load/load-html.ts';
import { loadMarkdown } from '../../load/load-markdown.ts';
import type { LoadSolver } from '../../load/load-plan.ts';
import { recordingName, recordingText } from '../../load/load-recording.ts';
import { loadReportSchema } from '../../load/load-report.ts';
import { loadReportName } from '../../load/read-load.ts';
import { type LoadRecording, reportOfLoad } from '../../load/report-of-load.ts';
import { runLoad } from '../../load/run-load.ts';
import { RunNarrator } from '../../progress/run-narrator.ts';
import { exitCode } from '../../report/exit-code.ts';
import { writeFileAtomically } from '../../report/folder/write-file-atomically.ts';
import { makeReportFolder } from '../../report/folder/write-report-folder.ts';
import { askCa } from '../../suite/acme/acme-client.ts';
import { newRunName } from '../../suite/run-suite.ts';
import { chooseTimeScale } from '../../time-scale.ts';
import { UserError } from '../../user-error.ts';
import type { CommandContext } from './command-context.ts';

/** The options of `padlock load`. Those of its environment are in the environment's own table. */
export interface LoadOptions extends OptionValues {
  readonly environment: string;
  readonly certificates: number;
  readonly rate?: number;
  readonly solver: LoadSolver;
  readonly hostsPerGateway: number;
  readonly renewStorm: boolean;
  readonly restartGateway: boolean;
  readonly report?: string;
  readonly json: boolean;
  readonly jsonLines?: string;
  readonly timeScale?: number;
}

/**
 * `padlock load`
 *
 * @returns 0 if every certificate was Ready and served, otherwise 1
 * @throws UserError: (2) for wrong usage, (3) if the environment cannot be used; the signal's reason
 */
export async function load(options: LoadOptions, { signal }: CommandContext): Promise<number> {
  const { environment: kind, certificates, solver, hostsPerGateway, json, jsonLines } = options;
  chooseTimeScale(options.timeScale ?? null);
  const startedAt = new Date().toISOString();
  const destination = options.report ?? join('reports', `load-${startedAt.replaceAll(/[:.]/g, '-')}`);
  const { folder } = await makeReportFolder({ folder: destination }, startedAt);
  const run = newRunName();
  using narrator = RunNarrator.open({ command: 'load', json, jsonLines, signal });
  const { environment, prepared, components } = await startEnvironment({
    ...{ kind, name: run, options, outlives: false, narrator, signal },
    askDirectory: (outside, directory) => askCa(outside, { ...directory, revoke: null }),
  });
  const { lost, belongsToOthers } = environment;
  let recording: LoadRecording;
  try {
    if (options.restartGateway && belongsToOthers)
      throw new UserError('--restart-gateway would interrupt what others serve on this cluster: leave it out.');
    const parts = await prepared.parts(components, environment, signal);
    recording = await runLoad({
      plan: {
        ...{ run, certificates, solver, hostsPerGateway, ratePerSecond: options.rate ?? null },
        ...{ domain: environment.domain, gateway: environment.gateway },
      },
      environment,
      components: parts.components.map(({ name, version }) => ({ name, version })),
      renewStorm: options.renewStorm,
      restartGateway: options.restartGateway,
      keep: !prepared.staysUp && !belongsToOthers,
      signal: lost === undefined ? signal : AbortSignal.any([signal, lost]),
      tell: (phase) => narrator.tell({ kind: 'run-phase', phase }),
    });
  } finally {
    if (!prepared.staysUp) await environment.down();
  }
  const written = loadReportSchema.parse(reportOfLoad(recording));
  await writeFileAtomically(join(folder, recordingName), recordingText(recording));
  await writeFileAtomically(join(folder, loadReportName), `${JSON.stringify(written, null, 2)}\n`);
  await writeFileAtomically(join(folder, 'index.html'), loadHtml(written));
  const complete = written.outcome.served === certificates;
  narrator.end(complete ? 'passed' : 'failed', folder);
  (json ? process.stderr : process.stdout).write(loadMarkdown(written));
  process.stderr.write(`report: ${folder}\n`);
  if (json) process.stdout.write(`${JSON.stringify(written, null, 2)}\n`);
  return complete ? exitCode.passed : exitCode.checkFailed;
}
