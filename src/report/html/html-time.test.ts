import { expect, test } from 'vitest';
import { formatLifetime, utcClock, utcDay, utcTime } from './html-time.ts';

test('moments say that they are in UTC', () => {
  const iso = '2026-11-24T09:00:20.123Z';
  expect(String(utcTime(iso))).toBe(`<time datetime="${iso}">2026-11-24 09:00:20 UTC</time>`);
  expect(String(utcDay(iso))).toBe(`<time datetime="${iso}">2026-11-24</time>`);
  expect(String(utcClock(iso))).toBe(`<time datetime="${iso}">09:00:20.123</time>`);
});

test.each([
  [3_600_000, '1 h 00 min'],
  [90 * 86_400_000 + 1, '90 days'],
  [30 * 365.25 * 86_400_000, '30 years'],
  [2.5 * 365.25 * 86_400_000, '2.5 years'],
])('a lifetime of %d ms is %s', (ms, text) => {
  expect(formatLifetime(ms)).toBe(text);
});
