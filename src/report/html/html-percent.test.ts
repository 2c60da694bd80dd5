import { expect, test } from 'vitest';
import { inPercent } from './html-percent.ts';

test.each([
  [0, '0%'],
  [33.33333, '33.333%'],
  [1e-7, '0%'],
])('%d is %s', (percent, text) => {
  expect(inPercent(percent)).toBe(text);
});
