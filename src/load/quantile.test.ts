import { expect, test } from 'vitest';
import { quantile } from './quantile.ts';

test('a quantile lies between the two nearest values', () => {
  const values = [40, 10, 30, 20];
  expect(quantile(values, 0)).toBe(10);
  expect(quantile(values, 0.5)).toBe(25);
  expect(quantile(values, 0.95)).toBeCloseTo(38.5);
  expect(quantile(values, 1)).toBe(40);
  expect(values).toEqual([40, 10, 30, 20]);
});

test('no values have none, and one value is every one', () => {
  expect(quantile([], 0.5)).toBeNull();
  expect(quantile([7], 0.99)).toBe(7);
});
