import { expect, test } from 'vitest';
import { rulesBetween } from './cut-between.ts';

test('packets are dropped in both directions, and no others', () => {
  const rules = rulesBetween(['10.244.0.5', 'fd00::5'], ['10.244.0.6', '10.244.0.7']);
  expect(rules).toContain('ip saddr { 10.244.0.5 } ip daddr { 10.244.0.6, 10.244.0.7 } drop');
  expect(rules).toContain('ip saddr { 10.244.0.6, 10.244.0.7 } ip daddr { 10.244.0.5 } drop');
  expect(rules).toContain('policy accept');
});

test('a side without an address is an error, not a rule for everything', () => {
  expect(() => rulesBetween(['10.244.0.5'], [])).toThrow('there is nothing to cut between [10.244.0.5] and []');
  expect(() => rulesBetween(['fd00::5'], ['10.244.0.6'])).toThrow('there is nothing to cut');
});
