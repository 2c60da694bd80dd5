import { expect, test } from 'vitest';
import { exampleFailedScenario, exampleReport, exampleScenario } from '../report/testing/example-report.ts';
import { statementOf, statementSchema, testResultOf } from './statement.ts';

const subject = [{ name: 'report.json', digest: { sha256: 'ab'.repeat(32) } }];

test('a passed run is a test-result v0.1 in a Statement v1', () => {
  const statement = statementOf(exampleReport(), subject);
  expect(statementSchema.parse(JSON.parse(JSON.stringify(statement)))).toEqual(statement);
  expect(statement).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject,
    predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
    predicate: {
      result: 'PASSED',
      configuration: [
        {
          name: 'cert-manager-controller',
          digest: { sha256: 'ab'.repeat(32) },
          annotations: { version: 'v1.21.2', source: 'Go module github.com/cert-manager/cert-manager' },
        },
        {
          name: 'ca',
          uri: 'https://ca.padlock.test:14000/dir',
          annotations: { software: 'pebble', version: 'v2.10.1' },
        },
      ],
      passedTests: ['http01-ingress/account-registered', 'http01-ingress/backend-answers'],
      warnedTests: [],
      failedTests: [],
    },
  });
});

test('what failed, errored and was skipped is told apart', () => {
  const [check] = exampleScenario().checks;
  if (check === undefined) throw new Error('the example has no check');
  const scenarios = [
    exampleScenario({ checks: [check, { ...check, id: 'browser-shows-padlock', result: 'skipped' }] }),
    exampleFailedScenario(),
    exampleScenario({ id: 'errored', result: 'error', error: { message: 'It broke' }, checks: [check] }),
    exampleScenario({ id: 'not-run', result: 'skipped', checks: [] }),
  ];
  expect(testResultOf(exampleReport({ result: 'error', scenarios }))).toMatchObject({
    result: 'FAILED',
    passedTests: ['http01-ingress/account-registered', 'errored/account-registered'],
    warnedTests: ['http01-ingress/browser-shows-padlock', 'not-run'],
    failedTests: ['missing-ingress-class/order-completed', 'errored'],
  });
  expect(testResultOf(exampleReport({ result: 'failed' })).result).toBe('FAILED');
  expect(testResultOf(exampleReport({ result: 'partial' })).result).toBe('WARNED');
});
