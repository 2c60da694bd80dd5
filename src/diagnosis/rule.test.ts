import { expect, test } from 'vitest';
import { quoted, sentences } from './rule.ts';

test('sentences leaves out what does not apply', () => {
  expect(sentences('One.', null, undefined, false, '', 'Two.')).toEqual(['One.', 'Two.']);
  expect(sentences()).toEqual([]);
});

test.each([
  ['connection refused.', 'connection refused'],
  ['  connection refused. \n', 'connection refused'],
  ['connection refused', 'connection refused'],
  ['Get "http://a.example.test/": EOF', 'Get "http://a.example.test/": EOF'],
  ['.', ''],
  ['', ''],
])('%j goes on within a sentence as %j', (text, expected) => {
  expect(quoted(text)).toBe(expected);
});
