import { expect, test } from 'vitest';
import { parseGivenFields, parseGivenFormat } from './given-format.ts';

test('takes a preset, a text format and a JSON format', () => {
  expect(parseGivenFormat('asm').title).toBe('the preset asm');
  expect(parseGivenFormat('%REQ(:AUTHORITY)% %REQ(:PATH)% %RESPONSE_CODE%').read('a /b 200')).toMatchObject({
    path: '/b',
  });
  const json = parseGivenFormat('{"h":"%REQ(:AUTHORITY)%","p":"%REQ(:PATH)%","s":"%RESPONSE_CODE%"}');
  expect(json.read('{"h":"a","p":"/b","s":200}')).toMatchObject({ host: 'a', status: '200' });
});

test.each([
  ['nginx', /^Expected istio, istio-text, asm, or an Envoy format string/],
  ['toString', /^Expected istio/],
  ['%START_TIME% %REQ(:AUTHORITY)%', /^The format lacks %REQ\(:PATH\)% and %RESPONSE_CODE%/],
  ['{"a": %REQ(:PATH)%', /^Expected a JSON object/],
])('rejects %s in one sentence', (given, sentence) => {
  expect(() => parseGivenFormat(given)).toThrow(sentence);
});

test('takes keys by field, and names what is missing', () => {
  const format = parseGivenFields(['host=authority_for', 'path=path', 'status=response_code']);
  expect(format.read('{"authority_for":"a","path":"/b","response_code":"200"}')).toEqual({
    host: 'a',
    path: '/b',
    status: '200',
  });
  expect(() => parseGivenFields(['host=h'])).toThrow('The keys of path, status are missing');
  expect(() => parseGivenFields(['verb=h'])).toThrow("'verb=h' is not field=key. Known fields: time, method,");
});
