import { expect, test } from 'vitest';
import { goLogTime } from './go-log-time.ts';

test('reads the time of a Go log with or without a program name', () => {
  const expected = new Date(2026, 10, 24, 8, 0, 0).toISOString();
  expect(goLogTime('Pebble 2026/11/24 08:00:00 Listening')).toBe(expected);
  expect(goLogTime('2026/11/24 08:00:00.123456 Listening')).toBe(expected);
  expect(goLogTime('nothing 2026/11/24')).toBeNull();
});
