import { expect, test } from 'vitest';
import { closestName, didYouMean, editDistance } from './closest-name.ts';

test.each([
  ['', '', 0],
  ['report', 'report', 0],
  ['reprot', 'report', 2],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
])('%j is %s changes from %j', (one, other, changes) => {
  expect(editDistance(one, other)).toBe(changes);
});

test('finds the closest of the known names', () => {
  expect(closestName('reprot', ['keep', 'report', 'json'])).toBe('report');
  expect(closestName('reprot', [])).toBeUndefined();
});

test('proposes nothing that has little to do with the name', () => {
  expect(closestName('gateway-dwn', ['eab-wrong-key', 'no-route'])).toBeUndefined();
  expect(didYouMean('gateway-dwn', ['eab-wrong-key'])).toBe('');
  expect(didYouMean('gateway-dwn', ['gateway-down'])).toBe(' (did you mean gateway-down?)');
});
