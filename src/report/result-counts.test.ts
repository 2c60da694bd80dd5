import { expect, test } from 'vitest';
import { countedResults } from './result-counts.ts';

test('results are counted in the order of what a reader asks first', () => {
  const items = (['failed', 'passed', 'skipped', 'passed', 'error'] as const).map((result) => ({ result }));
  expect(countedResults('check', items)).toBe('5 checks: 2 passed, 1 failed, 1 error, 1 skipped');
  expect(countedResults('check', items.slice(0, 1))).toBe('1 check: 1 failed');
  expect(countedResults('check', [])).toBe('no checks');
  const inapplicable = { result: 'skipped', notApplicable: 'The CA has no profiles.' } as const;
  expect(countedResults('scenario', [...items, inapplicable])).toBe(
    '6 scenarios: 2 passed, 1 failed, 1 error, 1 skipped, 1 not applicable',
  );
});
