import { expect, test } from 'vitest';
import { seededRandom } from './seeded-random.ts';

const first = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, random);
};

test('a seed repeats itself, and another one differs', () => {
  expect(first(7, 5)).toEqual(first(7, 5));
  expect(first(7, 5)).not.toEqual(first(8, 5));
});

test('the numbers spread over the whole range', () => {
  const numbers = first(1, 10_000);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  const tenths = Map.groupBy(numbers, (number) => Math.floor(number * 10));
  for (const tenth of tenths.values()) expect(tenth.length).toBeGreaterThan(800);
});
