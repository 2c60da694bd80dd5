import { expect, test } from 'vitest';
import { errorType, inWords, jsonObject, links, problemInWords, retryAfterSeconds } from './answer.ts';
import type { HttpAnswer } from './transport.ts';

function answer(headers: HttpAnswer['headers'], status = 200, body = ''): HttpAnswer {
  return { status, headers, body };
}

test.each([
  [['<https://ca.test/dir>;rel="index"'], ['https://ca.test/dir']],
  [['<https://ca.test/a>; rel=index'], ['https://ca.test/a']],
  [
    ['<a>;rel="up", <b>;rel="index"', '<c>;title="x";rel="start index"'],
    ['b', 'c'],
  ],
  [['<a>;rel="alternate"', 'nonsense', '<b>'], []],
])('the links of %j', (link, expected) => {
  expect(links(answer({ link }), 'index')).toEqual(expected);
});

test('no Link field at all', () => {
  expect(links(answer({}), 'index')).toEqual([]);
});

test.each([
  ['120', 120],
  ['Tue, 24 Nov 2026 12:00:30 GMT', 30],
  ['Tue, 24 Nov 2026 11:00:00 GMT', 0],
  ['soon', null],
])('Retry-After %s', (value, seconds) => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  expect(retryAfterSeconds(answer({ 'retry-after': [value] }), now)).toBe(seconds);
});

test.each(['', '[]', 'null', '"text"', '{'])('%j is no JSON object', (body) => {
  expect(jsonObject(answer({}, 200, body))).toBeNull();
});

test('only errors have an error type, and only in the namespace of ACME', () => {
  const problem = '{"type":"urn:ietf:params:acme:error:badNonce","detail":"used"}';
  expect(errorType(answer({}, 400, problem))).toBe('badNonce');
  expect(errorType(answer({}, 200, problem))).toBeNull();
  expect(errorType(answer({}, 400, '{"type":"about:blank"}'))).toBeNull();
  expect(inWords(answer({}, 400, problem))).toBe('400 badNonce (used)');
  expect(inWords(answer({}, 502, '<html>'))).toBe('502 without an ACME error type');
});

test('a problem within another object is told in a few words', () => {
  expect(problemInWords({ type: 'urn:ietf:params:acme:error:dns', detail: 'NXDOMAIN', status: 400 })).toBe(
    'dns (NXDOMAIN)',
  );
  expect(problemInWords({ type: 'about:blank' })).toBe('about:blank');
  expect(problemInWords('broken')).toBe('"broken"');
});
