import { expect, test } from 'vitest';
import { type Report, reportSchema } from './report.ts';
import { exampleReport, exampleScenario } from './testing/example-report.ts';

function complaints(report: unknown): string[] {
  const { success, error } = reportSchema.safeParse(report);
  return success ? [] : error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

test('takes a complete report', () => {
  expect(complaints(exampleReport())).toEqual([]);
});

test('takes a report of an environment that never came up', () => {
  const report = exampleReport({
    result: 'error',
    ca: null,
    scenarios: [],
    error: { message: 'The API server did not answer within 30 s.', lastSeen: 'connect ECONNREFUSED' },
  });
  report.environment.kubernetesVersion = null;
  expect(complaints(report)).toEqual([]);
});

test('rejects unknown fields, so that a typo is not published', () => {
  expect(complaints({ ...exampleReport(), durationMS: 1 })).toEqual([': Unrecognized key: "durationMS"']);
});

test('rejects an id that could leave the folder', () => {
  expect(complaints(exampleReport({ scenarios: [exampleScenario({ id: '../../etc/passwd' })] }))).toHaveLength(1);
});

const check = exampleScenario().checks[0];
const failedCheck = { id: 'order-completed', asserts: 'a', result: 'failed', message: 'm' } as const;
const sha256 = '0'.repeat(64);

test.each<[string, Partial<Report>, string]>([
  ['a result that its scenarios do not bear out', { result: 'failed' }, 'result: the scenarios make the result passed'],
  ['a run that ended first', { endedAt: '2026-11-24T08:59:59.999Z' }, 'endedAt: the run ended before it started'],
  [
    'two scenarios of one id',
    { scenarios: [exampleScenario(), exampleScenario()] },
    'scenarios: the id http01-ingress occurs twice',
  ],
  [
    'two checks of one id',
    { scenarios: [exampleScenario({ checks: check ? [check, check] : [] })] },
    'scenarios.0.checks: the id account-registered occurs twice',
  ],
  [
    'a pass over a failed check',
    { result: 'failed', scenarios: [exampleScenario({ checks: [failedCheck, ...exampleScenario().checks] })] },
    'scenarios.0.result: a scenario with a failed check is not passed',
  ],
  [
    'a pass without a check',
    { result: 'partial', scenarios: [exampleScenario({ checks: [] })] },
    'scenarios.0.result: a scenario without a passed check has not passed',
  ],
  [
    'a failure without a failed check',
    { result: 'failed', scenarios: [exampleScenario({ result: 'failed' })] },
    'scenarios.0.result: a scenario has failed only if a check failed',
  ],
  [
    'an error that does not say which',
    { result: 'error', scenarios: [exampleScenario({ result: 'error' })] },
    'scenarios.0.error: a scenario whose result is error says which',
  ],
  [
    'evidence without its digest',
    { scenarios: [exampleScenario({ evidence: 'evidence/http01-ingress.json' })] },
    'scenarios.0.evidenceSha256: evidence and evidenceSha256 are null together or not at all',
  ],
  [
    "another scenario's evidence",
    { scenarios: [exampleScenario({ evidence: 'evidence/other.json', evidenceSha256: sha256 })] },
    'scenarios.0.evidence: the evidence of http01-ingress is evidence/http01-ingress.json',
  ],
])('refuses %s', (_what, changes, complaint) => {
  expect(complaints(exampleReport(changes))).toEqual([complaint]);
});
