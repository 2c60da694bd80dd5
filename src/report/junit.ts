import { XMLBuilder } from 'fast-xml-parser';
import { describeRepetitions, isFlaky } from './repetitions.ts';
import type { CheckReport, Report, RunError, ScenarioReport } from './report.ts';
import { shortened, visibleLine, visibleText } from './visible-text.ts';

/** CI servers show a message attribute on one line, and some keep it in a column of a database. */
const attributeLimit = 1000;
const bodyLimit = 64 * 1024;

type Attributes = Record<`@${string}`, string>;

/** A test case in JUnit XML; without a finding it passed. */
export interface TestCase {
  readonly name: string;
  readonly seconds: string;
  readonly failure?: Finding;
  readonly error?: Finding;
  readonly skipped?: string;
  readonly output?: string;
}

interface Finding {
  readonly type: string;
  readonly message: string;
  readonly body: string;
}

/** A test suite in JUnit XML. */
export interface Suite {
  readonly name: string;
  readonly timestamp: string;
  readonly seconds: string;
  readonly properties: readonly (readonly [name: string, value: string])[];
  readonly cases: readonly TestCase[];
}

/**
 * The report as JUnit XML, in the dialect that GitLab, Jenkins and GitHub's report actions read alike: a suite for each
 * scenario, a test case for each check, all times in seconds. A scenario that ended early has a test case `scenario` for
 * that beside those of its checks. Where the environment failed or nothing ran, a suite `padlock` says so, as CI servers
 * take a file without test cases for a mistake. The file follows Jenkins' schema, see `junit-schema/`.
 */
export function junitXml(report: Report): string {
  const suites = [...runSuite(report), ...report.scenarios.map((scenario) => scenarioSuite(scenario, report))];
  return suitesXml(suites, Date.parse(report.endedAt) - Date.parse(report.startedAt));
}

/** Suites as JUnit XML, see {@link junitXml}. @param elapsedMs of all of them */
export function suitesXml(suites: readonly Suite[], elapsedMs: number): string {
  const cases = suites.flatMap((suite) => suite.cases);
  const { skipped: _, ...countsOfAll } = counts(cases);
  const builder = new XMLBuilder({
    attributeNamePrefix: '@',
    format: true,
    ignoreAttributes: false,
    suppressBooleanAttributes: false,
    suppressEmptyNode: true,
  });
  return builder.build({
    '?xml': { '@version': '1.0', '@encoding': 'UTF-8' },
    testsuites: {
      // Jenkins' schema has no `skipped` and no `timestamp` here; both are with each suite.
      ...attributes({ name: 'padlock', ...countsOfAll, time: inSeconds(elapsedMs) }),
      testsuite: suites.map(suiteElement),
    },
  });
}

/** What concerns the run as a whole and no scenario. */
function runSuite(report: Report): Suite[] {
  const cases: TestCase[] = [];
  if (report.error !== undefined) {
    cases.push({ name: 'environment', seconds: inSeconds(0), error: findingOf('EnvironmentFailed', report.error) });
  } else if (report.scenarios.length === 0) {
    cases.push({ name: 'scenarios', seconds: inSeconds(0), skipped: 'no scenario ran' });
  }
  if (cases.length === 0) return [];
  return [
    {
      name: 'padlock',
      timestamp: report.startedAt,
      seconds: inSeconds(Date.parse(report.endedAt) - Date.parse(report.startedAt)),
      properties: runProperties(report),
      cases,
    },
  ];
}

function scenarioSuite(scenario: ScenarioReport, report: Report): Suite {
  const own = scenarioCase(scenario);
  return {
    name: scenario.id,
    timestamp: scenario.startedAt,
    seconds: inSeconds(scenario.durationMs),
    properties: [
      ['title', scenario.title],
      ['why', scenario.why],
      ...(scenario.expectation === undefined ? [] : [['expectation', scenario.expectation] as const]),
      ['host', scenario.host],
      ...(scenario.repetitions === undefined
        ? []
        : [['repetitions', describeRepetitions(scenario.repetitions)] as const]),
      ...Object.entries(scenario.settings).map(([name, value]) => [`setting.${name}`, value] as const),
      ...scenario.phases.map(({ name, durationMs }) => [`phase.${name}.seconds`, inSeconds(durationMs)] as const),
      ...(scenario.evidence === null ? [] : [['evidence', scenario.evidence] as const]),
      ...runProperties(report),
    ],
    cases: [...(own === null ? [] : [own]), ...scenario.checks.map(checkCase)].map((each) => ofFlaky(each, scenario)),
  };
}

/** The messages of a scenario that belong to none of its checks. */
function scenarioCase({ result, error, checks, durationMs, notApplicable }: ScenarioReport): TestCase | null {
  const base = { name: 'scenario', seconds: inSeconds(durationMs) };
  if (error !== undefined) return { ...base, error: findingOf('ScenarioEndedEarly', error) };
  if (checks.length > 0) return null;
  if (notApplicable !== undefined) return { ...base, skipped: `not applicable, because: ${notApplicable}` };
  return result === 'skipped' ? { ...base, skipped: 'the scenario did not run' } : base;
}

function checkCase(check: CheckReport): TestCase {
  // Judging takes no time worth naming; the time of a scenario is with its suite.
  const base = { name: check.id, seconds: inSeconds(0) };
  const body = `${check.asserts}\n\n${check.message}`;
  if (check.result === 'failed') return { ...base, failure: { type: 'CheckFailed', message: check.message, body } };
  return check.result === 'skipped' ? { ...base, skipped: check.message } : { ...base, output: body };
}

/** CI servers show the message of what failed, and few show properties. */
function ofFlaky(testCase: TestCase, { repetitions }: ScenarioReport): TestCase {
  if (!isFlaky(repetitions)) return testCase;
  const told = (finding: Finding): Finding => ({
    ...finding,
    message: `${describeRepetitions(repetitions ?? [])}; ${finding.message}`,
  });
  return {
    ...testCase,
    ...(testCase.failure === undefined ? {} : { failure: told(testCase.failure) }),
    ...(testCase.error === undefined ? {} : { error: told(testCase.error) }),
  };
}

function findingOf(type: string, { message, lastSeen }: RunError): Finding {
  return { type, message, body: lastSeen === undefined ? message : `${message}\n\nLast seen: ${lastSeen}` };
}

function runProperties({ environment, ca, components, padlock }: Report): (readonly [string, string])[] {
  return [
    ['padlock.version', padlock.version],
    ['environment.kind', environment.kind],
    ['environment.name', environment.name],
    ...(environment.kubernetesVersion === null ? [] : [['kubernetes.version', environment.kubernetesVersion] as const]),
    ...(ca === null
      ? []
      : [['ca.software', `${ca.software} ${ca.version}`] as const, ['ca.directory', ca.directoryUrl] as const]),
    ...components.map(({ name, version }) => [`component.${name}`, version] as const),
  ];
}

function suiteElement(suite: Suite) {
  const { name, timestamp, seconds, properties, cases } = suite;
  return {
    ...attributes({ name, ...counts(cases), time: seconds, timestamp }),
    properties: { property: properties.map(([key, value]) => attributes({ name: key, value })) },
    testcase: cases.map((testCase) => ({
      ...attributes({ classname: `padlock.${name}`, name: testCase.name, time: testCase.seconds }),
      ...(testCase.failure === undefined ? {} : { failure: findingElement(testCase.failure) }),
      ...(testCase.error === undefined ? {} : { error: findingElement(testCase.error) }),
      ...(testCase.skipped === undefined ? {} : { skipped: attributes({ message: testCase.skipped }) }),
      ...(testCase.output === undefined ? {} : { 'system-out': bodyText(testCase.output) }),
    })),
  };
}

function findingElement({ type, message, body }: Finding) {
  return { ...attributes({ message, type }), '#text': bodyText(body) };
}

function counts(cases: readonly TestCase[]) {
  return {
    tests: String(cases.length),
    failures: String(cases.filter((testCase) => testCase.failure !== undefined).length),
    errors: String(cases.filter((testCase) => testCase.error !== undefined).length),
    skipped: String(cases.filter((testCase) => testCase.skipped !== undefined).length),
  };
}

function attributes(values: Record<string, string>): Attributes {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`@${name}`, shortened(visibleLine(value), attributeLimit)]),
  );
}

function bodyText(text: string): string {
  return shortened(visibleText(text), bodyLimit);
}

/** Milliseconds as JUnit XML has them. */
export function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
