import { z } from 'zod';

/** matrix.json: the runs of a matrix and their results. */
export const matrixSchemaVersion = 1;

const matrixRunSchema = z.strictObject({
  name: z.string().describe('The name of the combination, which is also the folder of its report.'),
  values: z.record(z.string(), z.string()).readonly().describe('The options of the combination, by their long names.'),
  result: z
    .enum(['passed', 'failed', 'partial', 'error'])
    .describe(
      "The result of the report; 'error' when there is no report, because the run was refused or could not start.",
    ),
  message: z.string().nullable().describe('Why there is no report, or why the environment failed; otherwise null.'),
  report: z.string().nullable().describe('The relative path of the report.json; null when there is none.'),
  durationMs: z.number().int().nonnegative().describe('The duration of the run.'),
  scenarios: z
    .array(
      z.strictObject({
        id: z.string().describe('The id of the scenario.'),
        result: z.enum(['passed', 'failed', 'error', 'skipped']).describe('The result of the scenario.'),
        notPassed: z.array(z.string()).readonly().describe('The ids of the checks that failed or were skipped.'),
      }),
    )
    .readonly()
    .describe('The scenarios, in the order of the report.'),
});

export const matrixReportSchema = z.strictObject({
  schemaVersion: z.literal(matrixSchemaVersion).describe('The version of this format.'),
  padlockVersion: z.string().describe('The version of Padlock.'),
  startedAt: z.iso.datetime().describe('When the first run began, in UTC.'),
  endedAt: z.iso.datetime().describe('When the last run ended, in UTC.'),
  result: z
    .enum(['passed', 'failed', 'partial', 'error'])
    .describe('The most severe result of all runs, in the order error, failed, partial, passed.'),
  runs: z.array(matrixRunSchema).readonly().describe('The runs, in the order in which they ran.'),
});

export type MatrixReport = z.infer<typeof matrixReportSchema>;
export type MatrixRun = MatrixReport['runs'][number];

const gravestFirst = ['error', 'failed', 'partial', 'passed'] as const;

/** The most severe result of all runs; `partial` if there were none. */
export function matrixResult(runs: readonly Pick<MatrixRun, 'result'>[]): MatrixReport['result'] {
  return gravestFirst.find((result) => runs.some((run) => run.result === result)) ?? 'partial';
}

/** The ids of all scenarios that any run had, in the order in which they come. */
export function scenariosOf({ runs }: Pick<MatrixReport, 'runs'>): readonly string[] {
  return [...new Set(runs.flatMap(({ scenarios }) => scenarios.map(({ id }) => id)))];
}

/** The names of the options that tell the runs apart. */
export function axesOf({ runs }: Pick<MatrixReport, 'runs'>): readonly string[] {
  return [...new Set(runs.flatMap(({ values }) => Object.keys(values)))];
}
