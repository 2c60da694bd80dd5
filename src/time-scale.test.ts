import { afterEach, expect, test } from 'vitest';
import { chooseTimeScale, noteMeasuredScale, scaled, scaledLimits, timeScale } from './time-scale.ts';

afterEach(() => chooseTimeScale(null));

test('a machine of ordinary speed, or a faster one, has the limits as they are', () => {
  noteMeasuredScale(0.4);
  expect(timeScale()).toBe(1);
  expect(scaled(5_000)).toBe(5_000);
});

test('the slowest measurement counts, within bounds', () => {
  noteMeasuredScale(3.24);
  noteMeasuredScale(2);
  expect(timeScale()).toBe(3.2);
  noteMeasuredScale(1_000);
  expect(timeScale()).toBe(50);
});

test('what was chosen is used, whatever is measured', () => {
  chooseTimeScale(0.5);
  noteMeasuredScale(10);
  expect(scaled(5_000)).toBe(2_500);
});

test('a table of limits follows the scale', () => {
  const within = scaledLimits({ request: 5_000 });
  expect(within.request).toBe(5_000);
  chooseTimeScale(2);
  expect(within.request).toBe(10_000);
});
