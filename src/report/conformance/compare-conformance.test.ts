import { expect, test } from 'vitest';
import type { CheckResult } from '../../acme/runner/conformance.ts';
import { exampleCheck, exampleConformance } from '../../acme/testing/example-conformance.ts';
import { compareConformance, conformanceComparisonMarkdown } from './compare-conformance.ts';

function runWith(verdicts: Readonly<Record<string, CheckResult['verdict']>>) {
  return exampleConformance({
    checks: Object.entries(verdicts).map(([id, verdict]) => exampleCheck({ id, verdict, message: `${id} seen.` })),
  });
}

test('two runs with the same verdicts have no regression', () => {
  const same = runWith({ a: 'passed', b: 'failed' });
  const comparison = compareConformance(same, same);
  expect(comparison.regression).toBe(false);
  expect(conformanceComparisonMarkdown(comparison)).toContain('# ACME conformance: ✅ no regression');
});

test.each([
  ['passed', 'failed', 'newlyViolated', true],
  ['passed', 'warned', 'newlyViolated', true],
  ['warned', 'failed', 'newlyViolated', true],
  ['skipped', 'failed', 'newlyViolated', true],
  ['passed', 'skipped', 'noLongerJudged', true],
  ['failed', 'not-claimed', 'noLongerJudged', false],
  ['failed', 'passed', 'newlySatisfied', false],
  ['failed', 'warned', 'newlySatisfied', false],
  ['skipped', 'passed', 'newlyJudged', false],
] as const)('%s before and %s after', (before, after, list, regression) => {
  const comparison = compareConformance(runWith({ a: before }), runWith({ a: after }));
  expect(comparison[list]).toEqual([{ check: 'a', level: 'MUST', before, after, message: 'a seen.' }]);
  const { newlyViolated, noLongerJudged, newlySatisfied, newlyJudged } = comparison;
  expect([newlyViolated, noLongerJudged, newlySatisfied, newlyJudged].flat()).toHaveLength(1);
  expect(comparison.regression).toBe(regression);
});

test('a check that is new and violated is a regression; the notes say what else differs', () => {
  const after = { ...runWith({ a: 'passed', b: 'failed' }), padlockVersion: '9' };
  const comparison = compareConformance(runWith({ a: 'passed' }), after);
  const text = conformanceComparisonMarkdown(comparison);
  expect(text).toContain('❌ regression: 1 newly violated');
  expect(text).toContain('- `b` (MUST): missing → failed. b seen.');
  expect(text).toContain('- The version of Padlock: 0.1.0 before, 9 now.');
});
