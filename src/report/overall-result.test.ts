import { describe, expect, test } from 'vitest';
import type { ScenarioResult } from './overall-result.ts';
import { overallResult, scenarioResult } from './overall-result.ts';

type CheckResult = 'passed' | 'failed' | 'skipped';

function scenario(result: ScenarioResult, ...checks: CheckResult[]) {
  return { result, checks: checks.map((each) => ({ result: each })) };
}

describe('a scenario', () => {
  const judged = (...checks: CheckResult[]) => ({ checks: checks.map((result) => ({ result })) });

  test.each([
    ['passed', judged('passed', 'passed')],
    ['passed', judged('passed', 'skipped')],
    ['failed', judged('passed', 'failed', 'skipped')],
    ['skipped', judged('skipped')],
    ['skipped', judged()],
    ['failed', { ...judged('passed', 'failed'), error: { message: 'Certificate not Ready after 60 s' } }],
    ['error', { ...judged('passed'), error: { message: 'Certificate not Ready after 60 s' } }],
    ['error', { ...judged(), error: { message: 'the watch ended' } }],
  ] as const)('is %s', (expected, given) => {
    expect(scenarioResult(given)).toBe(expected);
  });
});

describe('a run', () => {
  test.each([
    ['passed', [scenario('passed', 'passed', 'passed'), scenario('passed', 'passed')]],
    ['failed', [scenario('passed', 'passed'), scenario('failed', 'failed', 'passed')]],
    ['failed', [scenario('failed', 'failed'), scenario('skipped')]],
    ['error', [scenario('failed', 'failed'), scenario('error')]],
    ['partial', [scenario('passed', 'passed'), scenario('skipped')]],
    ['partial', [scenario('passed', 'passed', 'skipped')]],
    ['partial', []],
    ['partial', [scenario('passed')]],
  ] as const)('is %s', (expected, scenarios) => {
    expect(overallResult({ scenarios })).toBe(expected);
  });

  test('is complete where a check had nothing to judge, as the issuance did not need it', () => {
    const beside = (notApplicable?: boolean) => ({
      result: 'passed' as const,
      checks: [{ result: 'passed' as const }, { result: 'skipped' as const, notApplicable }],
    });
    expect(overallResult({ scenarios: [beside(true)] })).toBe('passed');
    expect(overallResult({ scenarios: [beside(true), beside(false)] })).toBe('partial');
    expect(overallResult({ scenarios: [beside()] })).toBe('partial');
  });

  test('is an error when the environment failed, even if every scenario before that passed', () => {
    expect(overallResult({ error: { message: 'etcd ended' }, scenarios: [scenario('passed', 'passed')] })).toBe(
      'error',
    );
    expect(overallResult({ error: { message: 'etcd ended' }, scenarios: [] })).toBe('error');
  });
});
