import { expect, test } from 'vitest';
import { exitCodeOf } from './exit-code.ts';

test.each([
  ['passed', 0],
  ['failed', 1],
  ['error', 3],
  ['partial', 4],
] as const)('a run that ended as %s exits %i', (result, code) => {
  expect(exitCodeOf(result)).toBe(code);
});

test('an interrupted run exits with 130, whatever its verdicts', () => {
  expect(exitCodeOf('passed', { interrupted: true })).toBe(130);
  expect(exitCodeOf('failed', { interrupted: true })).toBe(130);
});
