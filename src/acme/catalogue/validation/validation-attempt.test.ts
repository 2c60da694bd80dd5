import { expect, test } from 'vitest';
import { validOr } from './validation-attempt.ts';

test.each([
  ['passed', { isValid: true, errorType: null, isLate: true }],
  ['failed', { isValid: false, errorType: 'unauthorized', isLate: false }],
  ['warned', { isValid: false, errorType: 'unauthorized', isLate: true }],
  ['warned', { isValid: false, errorType: 'connection', isLate: false }],
  ['warned', { isValid: false, errorType: 'dns', isLate: false }],
] as const)('%s for %j', (verdict, made) => {
  expect(validOr(made, 'seen')).toEqual({ verdict, message: 'seen' });
});
