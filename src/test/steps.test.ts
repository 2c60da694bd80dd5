import { expect, test } from 'vitest';
import { countVitest, sum } from './steps.ts';

function told(fullName: string, status: string) {
  return { fullName, status };
}

function report(changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    success: true,
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 0,
    testResults: [
      {
        name: 'a.test.ts',
        status: 'passed',
        assertionResults: ['one', 'two', 'three'].map((name) => told(name, 'passed')),
      },
    ],
    ...changes,
  });
}

test('passed and skipped tests are counted', () => {
  expect(countVitest(report(), 0)).toEqual({ passed: 3, failed: 0, skipped: 1, failures: [] });
});

test('failed tests are counted', () => {
  expect(countVitest(report({ success: false, numFailedTests: 2 }), 1)).toMatchObject({
    passed: 3,
    failed: 2,
    skipped: 1,
  });
});

test('a file that broke before its first test is a failure', () => {
  const broken = report({
    success: false,
    testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults: [] }],
  });
  expect(countVitest(broken, 1)).toMatchObject({ failed: 1, failures: ['a.test.ts'] });
});

test('a file whose hook broke is a failure beside the failed tests of other files', () => {
  const testResults = [
    { name: 'a.test.ts', status: 'failed', assertionResults: [told('waits', 'pending')] },
    { name: 'b.test.ts', status: 'failed', assertionResults: [told('one', 'failed'), told('two', 'failed')] },
  ];
  expect(countVitest(report({ success: false, numFailedTests: 2, testResults }), 1)).toMatchObject({
    failed: 3,
    failures: ['b.test.ts > one', 'b.test.ts > two', 'a.test.ts'],
  });
});

test('an unhandled error is a failure though every test passed', () => {
  expect(countVitest(report(), 1).failed).toBe(1);
});

test('a run without a test is a failure', () => {
  const empty = report({ numPassedTests: 0, numPendingTests: 0, testResults: [] });
  expect(countVitest(empty, 0).failed).toBe(1);
});

test('a run that wrote no report is a failure', () => {
  expect(countVitest(null, null)).toMatchObject({ passed: 0, failed: 1, skipped: 0 });
});

test('counts add up', () => {
  expect(sum([countVitest(report(), 0), countVitest(null, null)])).toMatchObject({ passed: 3, failed: 1, skipped: 1 });
});
