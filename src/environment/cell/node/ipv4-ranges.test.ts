import { expect, test } from 'vitest';
import { overlap } from './ipv4-ranges.ts';

test.each([
  ['10.231.7.0/24', '10.231.7.0/24', true],
  ['10.231.7.0/24', '10.231.8.0/24', false],
  ['10.231.7.255', '10.231.7.0/24', true],
  ['10.231.8.0', '10.231.7.0/24', false],
  ['10.0.0.0/8', '10.231.7.0/24', true],
  ['10.231.7.4/30', '10.231.7.0/24', true],
  ['10.230.0.0/16', '10.231.0.0/24', false],
  ['0.0.0.0/0', '10.231.7.0/24', true],
  ['192.168.0.0/16', '10.231.7.0/24', false],
  ['255.255.255.255', '128.0.0.0/1', true],
])('%s and %s overlap: %s', (a, b, expected) => {
  expect(overlap(a, b)).toBe(expected);
  expect(overlap(b, a)).toBe(expected);
});
