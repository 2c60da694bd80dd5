import { join } from 'node:path';
import type { Command } from 'commander';
import packageJson from '../../../package.json' with { type: 'json' };
import { type Combination, combinations, nameOfCombination } from '../../configuration/combinations.ts';
import { readConfiguration } from '../../configuration/read-configuration.ts';
import { messageOf } from '../../error-message.ts';
import { exitCode, exitCodeOf } from '../../report/exit-code.ts';
import { makeFolder } from '../../report/folder/make-folder.ts';
import { readReport } from '../../report/folder/read-report.ts';
import { writeFileAtomically } from '../../report/folder/write-file-atomically.ts';
import { matrixHtml } from '../../report/html/matrix-html.ts';
import { matrixMarkdown } from '../../report/markdown/matrix-markdown.ts';
import {
  type MatrixReport,
  type MatrixRun,
  matrixReportSchema,
  matrixResult,
  matrixSchemaVersion,
} from '../../report/matrix-report.ts';
import { UserError } from '../../user-error.ts';
import { optionsOfCombination } from '../options/matrix-options.ts';
import { ownScenarios, selectScenarios } from '../options/selection.ts';
import type { CommandContext } from './command-context.ts';
import { type RunOptions, run } from './run.ts';

export interface MatrixOptions extends RunOptions {
  readonly config?: string;
  readonly only: readonly string[];
}

/**
 * `padlock matrix [ID…]`: runs the combinations of the configuration's matrix one after the other, each with its own report, and writes one table.
 * A run that fails does not stop the others. The exit code is that of the gravest result.
 *
 * @throws UserError (2) for wrong usage, for example if the ids and features select no scenario for one of the combinations
 */
export async function matrix(
  ids: readonly string[],
  options: MatrixOptions,
  command: Command,
  context: CommandContext,
): Promise<number> {
  const configuration = await readConfiguration(process.cwd(), options.config);
  if (!configuration?.contents.matrix) {
    const where =
      configuration === null ? 'No configuration file found' : `The configuration ${configuration.file} has none`;
    throw new UserError(`padlock matrix needs a matrix in padlock.config.yaml or padlock.config.ts. ${where}.`);
  }
  const runs = combinations(configuration.contents.matrix, wantedOf(options.only)).map((values) => ({
    values,
    options: optionsOfCombination(values, command) as Partial<RunOptions>,
  }));
  // Before the first run starts: what no run selects would fail each of them.
  const scenarios = await ownScenarios(ids);
  for (const { options: own } of runs) selectScenarios(ids, { ...options, ...own }, scenarios);
  const startedAt = new Date().toISOString();
  const folder = options.report ?? join('reports', `matrix-${startedAt.replaceAll(':', '-')}`);
  await makeFolder(folder);
  const done: MatrixRun[] = [];
  try {
    for (const { values, options: own } of runs) {
      const name = nameOfCombination(values);
      process.stderr.write(`\n== ${name}\n`);
      done.push(
        await oneRun(ids, { ...options, ...own, json: false, report: join(folder, name) }, { name, values, context }),
      );
    }
  } finally {
    await write(folder, { startedAt, done });
  }
  const result = matrixResult(done);
  process.stderr.write(`\n${result}: ${done.map((one) => `${one.name} ${one.result}`).join('; ')}\nTable: ${folder}\n`);
  return exitCodeOf(result);
}

function wantedOf(only: readonly string[]): Combination {
  return Object.fromEntries(
    only.map((text) => {
      const [, axis, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (axis === undefined || value === undefined)
        throw new UserError(`--only ${text} is not NAME=VALUE, e.g. istio=1.30.1.`);
      return [axis, value];
    }),
  );
}

interface OneRun {
  readonly name: string;
  readonly values: Combination;
  readonly context: CommandContext;
}

async function oneRun(
  ids: readonly string[],
  options: RunOptions,
  { name, values, context }: OneRun,
): Promise<MatrixRun> {
  const began = performance.now();
  const ended = (rest: Pick<MatrixRun, 'result' | 'message' | 'report' | 'scenarios'>): MatrixRun => ({
    ...{ name, values, durationMs: Math.round(performance.now() - began) },
    ...rest,
  });
  try {
    await run(ids, options, context);
  } catch (error) {
    if (context.signal.aborted) throw error;
    const message = messageOf(error);
    process.stderr.write(`${message}\n`);
    return ended({ result: 'error', message, report: null, scenarios: [] });
  }
  const report = await readReport(options.report ?? '');
  return ended({
    result: report.result,
    message: report.error?.message ?? null,
    report: `${name}/report.json`,
    scenarios: report.scenarios.map(({ id, result, checks }) => ({
      ...{ id, result },
      notPassed: checks.filter((check) => check.result !== 'passed').map((check) => check.id),
    })),
  });
}

async function write(
  folder: string,
  { startedAt, done }: { readonly startedAt: string; readonly done: readonly MatrixRun[] },
): Promise<void> {
  const report: MatrixReport = matrixReportSchema.parse({
    schemaVersion: matrixSchemaVersion,
    padlockVersion: packageJson.version,
    startedAt,
    endedAt: new Date().toISOString(),
    result: matrixResult(done),
    runs: done,
  });
  const files = [
    ['matrix.json', `${JSON.stringify(report, null, 2)}\n`],
    ['summary.md', matrixMarkdown(report)],
    ['index.html', matrixHtml(report)],
  ] as const;
  for (const [name, text] of files) {
    await writeFileAtomically(join(folder, name), text).catch((cause: NodeJS.ErrnoException) => {
      const message = `Cannot write the table of the matrix to ${join(folder, name)} (${cause.code}).`;
      throw new UserError(message, { exitCode: exitCode.environmentFailed, cause });
    });
  }
}
