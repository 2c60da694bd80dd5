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
 * The report of one run, canonical: `report.json`. JUnit and Markdown are derived from it, nothing is derived from them.
 *
 * It is a published format (`reports/schema/report.schema.json` is generated from this file). Every object is strict, all
 * durations are milliseconds in fields that end in `Ms`, all times are ISO 8601 in UTC. A change that an existing reader
 * could stumble over raises the version. Version 3 adds features and what is expected; version 2 is still read.
 */
export const reportSchemaVersion = 3;
export const readableReportVersions = [2, reportSchemaVersion] as const;

const settings = z.record(z.string(), z.string());

const runError = z.strictObject({
  message: z.string().min(1).describe('one sentence: what went wrong, and where'),
  lastSeen: z.string().optional().describe('the last state that was observed before a wait was given up'),
});

const environment = z
  .strictObject({
    kind: z
      .string()
      .min(1)
      .describe("how the cluster came to be: 'cell' and 'kind' are made for the run, 'existing' was there before"),
    name: z.string().min(1).describe('tells it from others of its kind on the same machine'),
    os: z.string().describe("the machine's operating system, e.g. Debian GNU/Linux 12 (bookworm)"),
    kernel: z.string().describe("the machine's kernel release"),
    arch: z.string().describe("the machine's architecture as Node names it, e.g. x64, arm64"),
    cpus: z.int().positive().describe('logical processors available to the run'),
    memoryBytes: z.int().positive().describe("the machine's memory"),
    nodeVersion: z.string().describe('Node.js that ran Padlock, without a leading v'),
    kubernetesVersion: z
      .string()
      .nullable()
      .describe('gitVersion of the API server, e.g. v1.37.2; null when it never answered'),
    peakMemoryBytes: z
      .int()
      .positive()
      .nullable()
      .describe('the most memory the environment used at once, by its cgroup; null where that is not known'),
  })
  .describe('where the run took place: the cluster, and the machine that Padlock ran on');

const component = z
  .strictObject({
    name: z.string().min(1).describe('e.g. kube-apiserver, istiod, envoy, cert-manager-controller'),
    version: z.string().min(1).describe('as its upstream project writes it'),
    source: z.string().min(1).describe('where it came from: a Go module, a package with its registry, an image'),
    digest: z
      .string()
      .regex(/^[a-z0-9]+:\S+$/)
      .nullable()
      .describe('of the program or image that ran, as algorithm:value, e.g. sha256:9f86d0…; null when unknown'),
    note: z.string().optional().describe('what a reader must know about this component'),
  })
  .describe('a part that took part in the run');

const certificateAuthority = z
  .strictObject({
    directoryUrl: z.string().min(1).describe('the ACME directory (RFC 8555 section 7.1.1)'),
    software: z.string().min(1).describe('e.g. pebble; the name of the service for a hosted CA'),
    version: z.string().describe("empty when the CA does not tell it, as a hosted one usually doesn't"),
    settings: settings.describe("what deviates from the software's defaults, named as the software names it"),
  })
  .describe('the certificate authority that issued');

const checkReport = z
  .strictObject({
    id: stableId.describe('stable, e.g. challenge-routed-through-gateway'),
    asserts: z.string().min(1).describe('what the check asserts, one sentence'),
    result: z.enum(['passed', 'failed', 'skipped']).describe("'skipped': it could not be applied to this evidence"),
    message: z.string().min(1).describe('what was seen, also when it passed; for a skipped check, why'),
  })
  .describe('the verdict of one check on the evidence of the scenario');

const scenarioShape = {
  id: stableId.describe('stable, e.g. http01-ingress'),
  title: z.string().min(1).describe('what the scenario is, in a few words'),
  why: z.string().min(1).describe('why the scenario exists'),
  result: z
    .enum(scenarioResults)
    .describe(
      "'failed': a check failed; 'error': it ended early and no check says why; 'skipped': it did not run, or none of its checks could be applied",
    ),
  expectation: z
    .string()
    .optional()
    .describe('the expected outcome where it is not that the issuance completes, e.g. that it must not'),
  features: z
    .array(stableId)
    .optional()
    .describe(
      'what the scenario covers, by the names that `padlock list --features` documents; absent before version 3',
    ),
  host: z.string().describe('the host name that the certificate was ordered for'),
  settings: settings.describe("what deviates from the parts' defaults, e.g. waitInsteadOfSelfCheck: 1s"),
  startedAt: timestamp,
  durationMs,
  phases: z.array(phaseSchema).describe('in the order of the issuance'),
  checks: z.array(checkReport).describe('every check that applies to the scenario, in their order'),
  timeline: timelineSchema,
  challengeRequests: z.array(challengeRequestSchema).describe('that prove the route, or show where it ends'),
  chain: z.array(chainCertificateSchema).describe('leaf first; empty where nothing was served'),
  browser: browserViewSchema.nullable().describe('null where no browser looked'),
  diagnosis: diagnosisSchema.nullable().describe('null where the scenario passed'),
  logs: z
    .array(
      z.strictObject({
        source: z.string().describe('namespace/Pod'),
        lines: z.array(z.string()).describe('in their order, scrubbed of secrets'),
      }),
    )
    .describe('lines of components that concern a scenario that did not pass'),
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
    complainOfDuplicates(scenario.checks, ['checks'], context);
  })
  .describe('one scenario: what it was for, how long it took, and what the checks found in its evidence');

export const reportSchema = z
  .strictObject({
    schemaVersion: z.literal(readableReportVersions).describe('of this format; a reader refuses one it does not know'),
    padlock: z
      .strictObject({ version: z.string().min(1).describe('of Padlock itself') })
      .describe('what made the report'),
    result: z
      .enum(runResults)
      .describe(
        "the gravest that applies: 'error' the environment or a scenario errored; 'failed' a check failed; 'partial' a selected scenario or a check was skipped, or nothing ran; else 'passed'",
      ),
    startedAt: timestamp,
    endedAt: timestamp,
    environment,
    components: z.array(component).describe('every part that took part in the run, built or found'),
    notUpstream: z
      .array(z.string())
      .describe(
        'what in this run is not as its upstream project releases it, a sentence each; empty when all of it is',
      ),
    ca: certificateAuthority
      .nullable()
      .describe('the certificate authority; null when the run ended before it was there'),
    shard: z
      .strictObject({
        index: z.int().positive().describe('from 1'),
        count: z.int().positive().describe('how many parts there are'),
      })
      .nullable()
      .describe('which part of the selection this run was, as --shard gave it; null for all of it'),
    skippedOnRequest: z
      .array(stableId)
      .describe('what --skip left out, e.g. browser; its checks are not in the report and do not make it partial'),
    scenarios: z.array(scenarioReport).describe('every selected scenario, also those that did not run'),
    features: z
      .array(
        z
          .strictObject({
            feature: stableId.describe('its name, which `padlock list --features` documents'),
            passed: z.int().nonnegative().describe('scenarios that passed'),
            failed: z.int().nonnegative().describe('scenarios that failed, or ended early'),
            skipped: z
              .int()
              .nonnegative()
              .describe('scenarios that did not run, or had no check that could be applied'),
          })
          .describe('the scenarios with one feature, by their result'),
      )
      .optional()
      .describe('every feature of the selected scenarios; absent before version 3'),
    timings: z
      .strictObject({
        buildMs: durationMs.nullable().describe('making the components, from source or from the cache'),
        upMs: durationMs.nullable().describe('from nothing to everything Available'),
        runMs: durationMs.nullable().describe('all scenarios, from the start of the first to the end of the last'),
        downMs: durationMs.nullable().describe('removing the environment'),
      })
      .describe('null where it was not done'),
    error: runError.optional().describe('why the environment failed; absent when it did not'),
    bundle: z
      .literal('bundle')
      .nullable()
      .describe(
        'the folder beside the report with a bundle of diagnostics for each scenario that did not pass, or for the environment; null where none was collected',
      ),
    problems: z
      .array(z.string())
      .describe(
        'what impaired the run without deciding its result, a sentence each, e.g. what a recorder could not see',
      ),
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
