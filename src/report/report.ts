import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { diagnosisSchema } from '../diagnosis/diagnosis.ts';
import { browserViewSchema } from '../issuance/browser-view.ts';
import { chainCertificateSchema } from '../issuance/chain.ts';
import { challengeRequestSchema } from '../issuance/challenge-requests.ts';
import { phaseSchema } from '../issuance/phase.ts';
import { durationMs, stableId, timestamp } from '../issuance/schema-atoms.ts';
import { timelineSchema } from '../issuance/timeline-event.ts';
import { featureCountsOf } from './feature-counts.ts';
import { overallResult, runResults, scenarioResults } from './overall-result.ts';

/**
 * The report of one run in its canonical form, `report.json`. All other forms, such as JUnit and Markdown, are derived from it.
 *
 * It is a published format (`reports/schema/report.schema.json` is generated from this file). Every object is strict, all
 * durations are milliseconds in fields that end in `Ms`, all times are ISO 8601 in UTC. A change that an existing reader
 * could fail on raises the version. Version 4 adds the links of a diagnosis, the environment of a scenario and how the environment was
 * installed, version 3 features and expectations. Both earlier versions are still read.
 */
export const reportSchemaVersion = 4;
export const readableReportVersions = [2, 3, reportSchemaVersion] as const;

const settings = z.record(z.string(), z.string());

const runError = z.strictObject({
  message: z.string().min(1).describe('one sentence: what went wrong, and where'),
  lastSeen: z.string().optional().describe('the last state observed before a wait timed out'),
});

const environment = z
  .strictObject({
    kind: z
      .string()
      .min(1)
      .describe("'cell' and 'kind' are clusters created for the run; 'existing' is a cluster that existed before"),
    name: z.string().min(1).describe('unique among environments of the same kind on the machine'),
    os: z.string().describe("the machine's operating system, e.g. Debian GNU/Linux 12 (bookworm)"),
    kernel: z.string().describe("the machine's kernel release"),
    arch: z.string().describe("the machine's architecture as Node names it, e.g. x64, arm64"),
    cpus: z.int().positive().describe('logical processors available to the run'),
    memoryBytes: z.int().positive().describe("the machine's memory"),
    timeScale: z
      .number()
      .positive()
      .optional()
      .describe('by how much the time limits were longer than on a machine of ordinary speed; absent in older reports'),
    nodeVersion: z.string().describe('Node.js that ran Padlock, without a leading v'),
    kubernetesVersion: z
      .string()
      .nullable()
      .describe('gitVersion of the API server, e.g. v1.37.2; null if the API server never answered'),
    installation: z
      .string()
      .min(1)
      .optional()
      .describe(
        "'restored from prepared state <digest>', or 'installed'; absent before version 4 and where nothing was installed",
      ),
    peakMemoryBytes: z
      .int()
      .positive()
      .nullable()
      .describe("the environment's peak memory, from its cgroup; null when unknown"),
  })
  .describe('the cluster, and the machine that Padlock ran on');

const component = z
  .strictObject({
    name: z.string().min(1).describe('e.g. kube-apiserver, istiod, envoy, cert-manager-controller'),
    version: z.string().min(1).describe('in the notation of the upstream project'),
    source: z.string().min(1).describe('where it came from: a Go module, a package with its registry, an image'),
    digest: z
      .string()
      .regex(/^[a-z0-9]+:\S+$/)
      .nullable()
      .describe('of the program or image that ran, as algorithm:value, e.g. sha256:9f86d0…; null when unknown'),
    note: z
      .string()
      .optional()
      .describe('what a reader must know about this component, e.g. how it differs from upstream'),
  })
  .describe('a component that took part in the run');

const certificateAuthority = z
  .strictObject({
    directoryUrl: z.string().min(1).describe('the ACME directory (RFC 8555 section 7.1.1)'),
    software: z.string().min(1).describe('e.g. pebble; the name of the service for a hosted CA'),
    version: z.string().describe('empty when the CA does not report it, as is usual for a hosted CA'),
    settings: settings.describe("settings that differ from the software's defaults, under the software's own names"),
  })
  .describe('the certificate authority under test');

const checkReport = z
  .strictObject({
    id: stableId.describe('stable, e.g. challenge-routed-through-gateway'),
    asserts: z.string().min(1).describe('what the check asserts, one sentence'),
    result: z.enum(['passed', 'failed', 'skipped']).describe("'skipped': the check did not judge this evidence"),
    notApplicable: z
      .boolean()
      .optional()
      .describe(
        'true for a skipped check of something that the issuance did not have and did not need, such as a challenge for a name that the CA had validated before; it does not make the run partial',
      ),
    message: z.string().min(1).describe('what was seen, for a passed check as well; for a skipped check, the reason'),
  })
  .describe('the verdict of one check on the evidence of the scenario');

const scenarioShape = {
  id: stableId.describe('stable, e.g. http01-ingress'),
  title: z.string().min(1).describe('the scenario in a few words'),
  why: z.string().min(1).describe('why the scenario exists'),
  result: z
    .enum(scenarioResults)
    .describe(
      "'failed': a check failed; 'error': the scenario ended early and no check failed; 'skipped': it did not run, or none of its checks applied",
    ),
  notApplicable: z
    .string()
    .min(1)
    .optional()
    .describe(
      'why the environment or the CA cannot run a scenario that was skipped, one sentence; it is counted apart from what was skipped for another reason',
    ),
  expectation: z.string().optional().describe('the expected outcome, present only when it is not a completed issuance'),
  features: z
    .array(stableId)
    .optional()
    .describe(
      'the features that the scenario covers, as documented by `padlock list --features`; absent before version 3',
    ),
  environment: z
    .string()
    .min(1)
    .optional()
    .describe('the name of the environment that it ran in; absent where the run had one, and before version 4'),
  repetitions: z
    .array(z.enum(scenarioResults))
    .min(2)
    .optional()
    .describe(
      'the results of all repetitions in order, where it ran more than once; everything else here is of the first that did not pass, or of the last. One that passed in some and not in others is flaky',
    ),
  host: z.string().describe('the host name that the certificate was ordered for'),
  settings: settings.describe("settings that differ from the components' defaults, e.g. waitInsteadOfSelfCheck: 1s"),
  startedAt: timestamp,
  durationMs,
  phases: z.array(phaseSchema).describe('in the order of the issuance'),
  checks: z.array(checkReport).describe("the scenario's checks, in order"),
  timeline: timelineSchema,
  challengeRequests: z
    .array(challengeRequestSchema)
    .describe('requests that prove the route of the challenge, or show where it ends'),
  chain: z.array(chainCertificateSchema).describe('leaf first; empty when no certificate was served'),
  browser: browserViewSchema.nullable().describe('null when no browser opened the page'),
  diagnosis: diagnosisSchema.nullable().describe('null when the scenario passed'),
  logs: z
    .array(
      z.strictObject({
        source: z.string().describe('namespace/Pod'),
        lines: z.array(z.string()).describe('in order, without secrets'),
      }),
    )
    .describe('component log lines about this issuance; recorded only when the scenario did not pass'),
  error: runError.optional().describe('what ended the scenario early; present whenever the result is error'),
};

const scenarioReport = z
  .strictObject({
    ...scenarioShape,
    evidence: z
      .string()
      .regex(/^evidence\/[a-z0-9]+(-[a-z0-9]+)*\.json$/)
      .nullable()
      .describe('path of the evidence file relative to the report: evidence/<id>.json; null when none was recorded'),
    evidenceSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable()
      .describe("lower-case hexadecimal, of the evidence file's bytes; null exactly when evidence is null"),
  })
  .superRefine((scenario, context) => {
    const complain = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if ((scenario.evidence === null) !== (scenario.evidenceSha256 === null)) {
      complain(['evidenceSha256'], 'evidence and evidenceSha256 are null together or not at all');
    }
    if (scenario.evidence !== null && scenario.evidence !== `evidence/${scenario.id}.json`) {
      complain(['evidence'], `the evidence of ${scenario.id} is evidence/${scenario.id}.json`);
    }
    if (scenario.result === 'error' && scenario.error === undefined) {
      complain(['error'], 'a scenario whose result is error says which');
    }
    const results = scenario.checks.map((check) => check.result);
    if (scenario.result === 'passed' && !results.includes('passed')) {
      complain(['result'], 'a scenario without a passed check has not passed');
    }
    if ((scenario.result === 'passed' || scenario.result === 'skipped') && results.includes('failed')) {
      complain(['result'], `a scenario with a failed check is not ${scenario.result}`);
    }
    if (scenario.result === 'failed' && !results.includes('failed')) {
      complain(['result'], 'a scenario has failed only if a check failed');
    }
    if (scenario.notApplicable !== undefined && scenario.result !== 'skipped') {
      complain(['notApplicable'], `a scenario that is not applicable is skipped, and not ${scenario.result}`);
    }
    const wronglySpared = scenario.checks.find(({ result, notApplicable }) => notApplicable && result !== 'skipped');
    if (wronglySpared !== undefined) {
      complain(['checks'], `${wronglySpared.id} is not applicable, so it is skipped, and not ${wronglySpared.result}`);
    }
    complainOfDuplicates(scenario.checks, ['checks'], context);
  })
  .describe('one scenario: its purpose, its duration, and the verdicts of the checks on its evidence');

export const reportSchema = z
  .strictObject({
    schemaVersion: z
      .literal(readableReportVersions)
      .describe('the version of this format; readers reject unknown versions'),
    padlock: z
      .strictObject({ version: z.string().min(1).describe("Padlock's own version") })
      .describe('what made the report'),
    result: z
      .enum(runResults)
      .describe(
        "the first that applies of 'error': the environment or a scenario errored; 'failed': a check failed; 'partial': a selected scenario was skipped, or a check that is applicable, or nothing ran; 'passed'",
      ),
    startedAt: timestamp,
    endedAt: timestamp,
    environment,
    components: z
      .array(component)
      .describe('every component that took part in the run, whether built by Padlock or found in the cluster'),
    notUpstream: z
      .array(z.string())
      .describe('differences between this run and upstream releases, one sentence each; empty when there are none'),
    ca: certificateAuthority
      .nullable()
      .describe('the certificate authority; null when the run ended before the CA was ready'),
    shard: z
      .strictObject({
        index: z.int().positive().describe('from 1'),
        count: z.int().positive().describe('the number of shards'),
      })
      .nullable()
      .describe('the shard of the selection that this run covered (--shard); null for the whole selection'),
    skippedOnRequest: z
      .array(stableId)
      .describe('what --skip left out, e.g. browser; those checks are not in the report and do not make it partial'),
    scenarios: z.array(scenarioReport).describe('every selected scenario, including those that did not run'),
    features: z
      .array(
        z
          .strictObject({
            feature: stableId.describe('the name of the feature, as documented by `padlock list --features`'),
            passed: z.int().nonnegative().describe('scenarios that passed'),
            failed: z.int().nonnegative().describe('scenarios that failed or ended early'),
            skipped: z.int().nonnegative().describe('scenarios that did not run, or had no applicable check'),
            notApplicable: z
              .int()
              .positive()
              .optional()
              .describe(
                'scenarios that the environment or the CA cannot run; absent for none, and not among the skipped',
              ),
          })
          .describe('the number of scenarios with one feature, by result'),
      )
      .optional()
      .describe('every feature of the selected scenarios; absent before version 3'),
    timings: z
      .strictObject({
        buildMs: durationMs.nullable().describe('building the components, or reading them from the cache'),
        upMs: durationMs.nullable().describe('starting the environment, until everything is Available'),
        runMs: durationMs.nullable().describe('all scenarios, from the start of the first to the end of the last'),
        downMs: durationMs.nullable().describe('removing the environment'),
      })
      .describe('the durations of the steps of the run; null for a step that was not run'),
    error: runError.optional().describe('why the environment failed; absent if it did not'),
    bundle: z
      .literal('bundle')
      .nullable()
      .describe(
        'the folder next to the report with a diagnostic bundle for each scenario that did not pass, or for the environment; null when no bundle was collected',
      ),
    problems: z
      .array(z.string())
      .describe('problems that did not decide the result, one sentence each, e.g. gaps in a recording'),
  })
  .superRefine((report, context) => {
    const expected = overallResult(report);
    if (report.result !== expected) {
      context.addIssue({ code: 'custom', path: ['result'], message: `the scenarios make the result ${expected}` });
    }
    if (report.features !== undefined && !isDeepStrictEqual(report.features, featureCountsOf(report.scenarios))) {
      context.addIssue({ code: 'custom', path: ['features'], message: 'the counts are not those of the scenarios' });
    }
    if (report.endedAt < report.startedAt) {
      context.addIssue({ code: 'custom', path: ['endedAt'], message: 'the run ended before it started' });
    }
    complainOfDuplicates(report.scenarios, ['scenarios'], context);
  })
  .describe(
    'The report of one run of Padlock: whether certificates issued over ACME reached the client through Istio.',
  );

function complainOfDuplicates(items: readonly { id: string }[], path: string[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const { id } of items) {
    if (seen.has(id)) context.addIssue({ code: 'custom', path, message: `the id ${id} occurs twice` });
    seen.add(id);
  }
}

export type Report = z.infer<typeof reportSchema>;
export type ReportEnvironment = Report['environment'];
export type ReportComponent = Report['components'][number];
export type ReportCertificateAuthority = NonNullable<Report['ca']>;
export type ScenarioReport = Report['scenarios'][number];
export type CheckReport = ScenarioReport['checks'][number];
export type RunError = NonNullable<Report['error']>;
export type FeatureCount = NonNullable<Report['features']>[number];
export type Timings = Report['timings'];
