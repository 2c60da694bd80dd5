import { parse } from 'yaml';
import { z } from 'zod';

/** How many of Go's tests and subtests ended how. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/** One line of a Go test's result: `    --- PASS: TestConformance/HTTPRouteMatching (1.02s)`. */
export interface TestResult {
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** 0 is the whole test, 1 a conformance test, more what it is made of. */
  readonly depth: number;
}

const results = { PASS: 'passed', FAIL: 'failed', SKIP: 'skipped' } as const;

/** The result that a line of `go test -v` tells; null where it tells none. */
export function testResult(line: string): TestResult | null {
  const match = /^\s*--- (PASS|FAIL|SKIP): (\S+) \(/.exec(line);
  const [, word, name] = match ?? [];
  if (word === undefined || name === undefined) return null;
  return { name, result: results[word as keyof typeof results], depth: name.split('/').length - 1 };
}

const testStatistics = z.object({ Failed: z.int(), Passed: z.int(), Skipped: z.int() });
const profileResult = z.object({
  result: z.string(),
  statistics: testStatistics,
  failedTests: z.array(z.string()).optional(),
  skippedTests: z.array(z.string()).optional(),
});

/** The parts that are read of upstream's report (its apis/v1 ConformanceReport). */
const conformanceReportSchema = z.object({
  apiVersion: z.string(),
  kind: z.literal('ConformanceReport'),
  date: z.string(),
  gatewayAPIChannel: z.string(),
  gatewayAPIVersion: z.string(),
  implementation: z.object({ organization: z.string(), project: z.string(), version: z.string() }),
  mode: z.string(),
  profiles: z
    .array(
      z.object({
        name: z.string(),
        core: profileResult,
        extended: profileResult.extend({ supportedFeatures: z.array(z.string()).optional() }).optional(),
        summary: z.string(),
      }),
    )
    .min(1),
});

export type ConformanceReport = z.infer<typeof conformanceReportSchema>;

/** Reads upstream's report. @throws where it is not one */
export function parseConformanceReport(yaml: string): ConformanceReport {
  return conformanceReportSchema.parse(parse(yaml));
}

/** What is told beside the report, as it is not in it. */
export interface ConformanceRun {
  readonly environment: string;
  readonly kubernetesVersion: string;
  readonly suiteVersion: string;
  readonly counts: TestCounts;
  /** Null for an environment that was there before. */
  readonly upMs: number | null;
  readonly suiteMs: number;
  /** What in the environment is not as upstream releases it, a sentence each; null where that is not known. */
  readonly notUpstream: readonly string[] | null;
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/** The page beside the report, for people. */
export function conformanceSummary(report: ConformanceReport, run: ConformanceRun): string {
  const { implementation, profiles } = report;
  const { counts } = run;
  const profileRows = profiles.flatMap(({ name, core, extended }) => [
    `| ${name}, core | ${row(core)} |`,
    ...(extended ? [`| ${name}, extended | ${row(extended)} |`] : []),
  ]);
  return [
    `# Gateway API conformance: ${run.environment}`,
    '',
    'Written by `npm run conformance:gateway-api`; do not edit. The whole report, as the suite itself writes it, is in',
    `[gateway-api-${run.environment}.yaml](gateway-api-${run.environment}.yaml).`,
    '',
    '| | |',
    '| --- | --- |',
    `| implementation | ${implementation.project} ${implementation.version} |`,
    `| Gateway API | ${report.gatewayAPIVersion}, ${report.gatewayAPIChannel} channel |`,
    `| conformance suite | ${run.suiteVersion} |`,
    `| Kubernetes | ${run.kubernetesVersion} |`,
    `| Go's tests and subtests | ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped |`,
    ...(run.upMs === null ? [] : [`| environment up | ${seconds(run.upMs)} |`]),
    `| suite | ${seconds(run.suiteMs)} |`,
    `| date | ${report.date} |`,
    '',
    '| profile | result | passed | failed | skipped |',
    '| --- | --- | --- | --- | --- |',
    ...profileRows,
    '',
    ...profiles.flatMap(({ core }) => (core.failedTests ?? []).map((test) => `- failed: ${test}`)),
    ...(run.notUpstream === null
      ? ['The cluster was there before: whose builds run in it was not looked at.']
      : ["What was not upstream's own in this run:", '', ...run.notUpstream.map((sentence) => `- ${sentence}`)]),
    '',
  ].join('\n');
}

function row({ result, statistics }: z.infer<typeof profileResult>): string {
  return [result, statistics.Passed, statistics.Failed, statistics.Skipped].join(' | ');
}
