import { describe, expect, test } from 'vitest';
import { growthOf } from './growth.ts';

const sizes = Array.from({ length: 50 }, (_, index) => (index + 1) * 10);
/** Noise that is the same in every run. */
const noise = (index: number) =>
  Math.sin(index * 12.9898) * 43_758.5453 - Math.floor(Math.sin(index * 12.9898) * 43_758.5453) - 0.5;
const pointsOf = (value: (size: number) => number, spread = 0) =>
  sizes.map((size, index) => ({ size, value: value(size) + spread * noise(index) }));

describe('growth', () => {
  test('that is linear costs as much at the end as at the beginning', () => {
    const growth = growthOf(pointsOf((size) => 100_000 + 80 * size, 500));
    expect(growth.shape).toBe('linear');
    expect(growth.perUnit).toBeCloseTo(80, -1);
  });

  test('that is quadratic quickens', () => {
    const growth = growthOf(pointsOf((size) => 1_000 + size ** 2, 500));
    expect(growth.shape).toBe('quickening');
    expect(growth.perUnitLast).toBeCloseTo(1_000, -1);
    expect(growth.perUnitFirst).toBeCloseTo(20, -2);
  });

  test('of a logarithm slows', () => {
    expect(growthOf(pointsOf((size) => 1_000 * Math.log(size))).shape).toBe('slowing');
  });

  test('of noise alone is none', () => {
    expect(growthOf(pointsOf(() => 1_000, 300)).shape).toBe('none');
  });

  test('of a constant is none', () => {
    expect(growthOf(pointsOf(() => 1_000))).toMatchObject({ shape: 'none', perUnit: expect.closeTo(0, 6) });
  });

  test('that is small beside the value itself is none', () => {
    expect(growthOf(pointsOf((size) => 1_000_000 + 20 * size)).shape).toBe('none');
  });

  test('that neither a line nor a parabola fits is unclear', () => {
    expect(growthOf(pointsOf((size) => 1_000 + 2 * size, 1_500)).shape).toBe('unclear');
  });

  test.for([
    ['no points', []],
    ['four points', pointsOf((size) => size).slice(0, 4)],
    ['points of one size', sizes.map((_, index) => ({ size: 7, value: index }))],
  ] as const)('is unknown for %s', ([, points]) => {
    expect(growthOf(points)).toEqual({
      ...{ shape: 'unknown', perUnit: null, perUnitFirst: null, perUnitLast: null, explained: null },
    });
  });
});
