import type { CheckResult, Conformance } from '../../acme/runner/conformance.ts';
import { bySection } from '../../acme/runner/conformance-summary.ts';
import { changeInWords } from '../../acme/runner/expectations.ts';
import { inSeconds, type Suite, suitesXml, type TestCase } from '../junit.ts';

/**
 * What `padlock ca` found, as JUnit XML: a suite for each section of an RFC, a test case for each check. A violated MUST is a
 * failure. With expectations, what differs from them is a failure instead, and a known deviation is skipped with its reason.
 */
export function conformanceJunit(conformance: Conformance): string {
  const { checks, startedAt, durationMs } = conformance;
  const properties = propertiesOf(conformance);
  const suites = bySection(checks).map(
    ([name, own]): Suite => ({
      name,
      timestamp: startedAt,
      seconds: inSeconds(own.reduce((sum, check) => sum + check.durationMs, 0)),
      properties,
      cases: own.map((check) => caseOf(check, conformance)),
    }),
  );
  return suitesXml([...runSuite(conformance, properties), ...suites], durationMs);
}

/** What concerns the run as a whole: CI servers take a file without test cases for a mistake. */
function runSuite({ error, problems, startedAt, durationMs }: Conformance, properties: Suite['properties']): Suite[] {
  const body = problems.join('\n');
  const cases: TestCase[] = [
    ...(error === null
      ? []
      : [{ name: 'run', seconds: inSeconds(durationMs), error: { type: 'EndedEarly', message: error, body } }]),
    ...(error === null && problems.length > 0 ? [{ name: 'run', seconds: inSeconds(durationMs), output: body }] : []),
  ];
  if (cases.length === 0) return [];
  return [{ name: 'padlock ca', timestamp: startedAt, seconds: inSeconds(durationMs), properties, cases }];
}

function caseOf(check: CheckResult, { gate }: Conformance): TestCase {
  const { id, verdict, asserts, message, level, durationMs } = check;
  const base = { name: id, seconds: inSeconds(durationMs) };
  const body = `${asserts} (${level})\n\n${message}`;
  const change = gate?.changes.find((one) => one.check === id);
  if (change !== undefined) return { ...base, failure: { type: 'Unexpected', message: changeInWords(change), body } };
  const known = gate?.known.find((one) => one.check === id);
  if (known !== undefined) {
    return { ...base, skipped: `known until ${known.expires}: ${known.reason} (${known.issue})` };
  }
  if (verdict === 'failed') return { ...base, failure: { type: 'RequirementViolated', message, body } };
  if (verdict === 'skipped' || verdict === 'not-claimed') return { ...base, skipped: message };
  return { ...base, output: verdict === 'warned' ? `warned\n\n${body}` : body };
}

function propertiesOf({ options, declaration, padlockVersion, server }: Conformance): Suite['properties'] {
  const implementation = declaration?.implementation;
  return [
    ['padlock.version', padlockVersion],
    ['ca.directory', options.directory],
    ['ca.profile', options.profile],
    ...(server.software === null ? [] : [['ca.software', server.software] as const]),
    ...(implementation === undefined
      ? []
      : [['ca.implementation', `${implementation.project} ${implementation.version}`] as const]),
  ];
}
