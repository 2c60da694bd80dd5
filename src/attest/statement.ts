import { z } from 'zod';
import type { ReportResult } from '../report/overall-result.ts';
import type { Report, ReportComponent } from '../report/report.ts';

/** in-toto attestation framework, spec/v1/statement.md. */
export const statementType = 'https://in-toto.io/Statement/v1';
/** in-toto attestation framework, spec/predicates/test-result.md. */
export const predicateType = 'https://in-toto.io/attestation/test-result/v0.1';

const resourceDescriptor = z.object({
  name: z.string().optional(),
  uri: z.string().optional(),
  digest: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.unknown()).optional(),
});

// Not strict: consumers must ignore fields that they do not know (spec/v1/README.md, parsing rules).
const predicateSchema = z.object({
  result: z.enum(['PASSED', 'WARNED', 'FAILED']),
  configuration: z.array(resourceDescriptor),
  passedTests: z.array(z.string()).default([]),
  warnedTests: z.array(z.string()).default([]),
  failedTests: z.array(z.string()).default([]),
});

const subjectSchema = z.object({
  name: z.string(),
  digest: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
});

export const statementSchema = z.object({
  _type: z.literal(statementType),
  subject: z.array(subjectSchema).min(1),
  predicateType: z.literal(predicateType),
  predicate: predicateSchema,
});

export type Statement = z.infer<typeof statementSchema>;
export type StatementSubject = Statement['subject'][number];
export type TestResult = Statement['predicate'];

/** What is said of a report, of the files by their digests. */
export function statementOf(report: Report, subject: readonly StatementSubject[]): Statement {
  return { _type: statementType, subject: [...subject], predicateType, predicate: testResultOf(report) };
}

const results: Readonly<Record<ReportResult, TestResult['result']>> = {
  passed: 'PASSED',
  partial: 'WARNED',
  failed: 'FAILED',
  error: 'FAILED',
};

/**
 * A report as the predicate test-result v0.1 has it. A test is a check, named `<scenario>/<check>`; one that was skipped is
 * among `warnedTests`, as the predicate knows no other place for it. A scenario that ended in an error, or did not run, and
 * whose checks do not say so, is there under its own name, failed or warned.
 *
 * The configuration is the CA and those components whose digest is known in an algorithm of in-toto's DigestSet: a
 * descriptor needs a digest or a URI (spec/v1/resource_descriptor.md).
 */
export function testResultOf(report: Report): TestResult {
  const checks = (result: 'passed' | 'failed' | 'skipped') =>
    report.scenarios.flatMap((scenario) =>
      scenario.checks.filter((check) => check.result === result).map(({ id }) => `${scenario.id}/${id}`),
    );
  const scenarios = (result: 'error' | 'skipped') =>
    report.scenarios.filter((scenario) => scenario.result === result).map(({ id }) => id);
  return {
    result: results[report.result],
    configuration: [...report.components.flatMap(descriptorsOf), ...(report.ca ? [caDescriptor(report.ca)] : [])],
    passedTests: checks('passed'),
    warnedTests: [...checks('skipped'), ...scenarios('skipped')],
    failedTests: [...checks('failed'), ...scenarios('error')],
  };
}

function descriptorsOf({ name, version, source, digest }: ReportComponent): TestResult['configuration'] {
  const [, algorithm, value] = /^(sha256|sha384|sha512):([0-9a-f]+)$/.exec(digest ?? '') ?? [];
  if (algorithm === undefined || value === undefined) return [];
  return [{ name, digest: { [algorithm]: value }, annotations: { version, source } }];
}

function caDescriptor(ca: { directoryUrl: string; software: string; version: string }) {
  return { name: 'ca', uri: ca.directoryUrl, annotations: { software: ca.software, version: ca.version } };
}
