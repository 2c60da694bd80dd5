import { expect, test } from 'vitest';
import { givenLogFormats } from './given-log-formats.ts';

test('takes a preset and keys together, and nothing', () => {
  const accessLogField = ['host=authority_for', 'path=path', 'status=response_code'];
  expect(givenLogFormats({ accessLogFormat: 'asm', accessLogField })).toHaveLength(2);
  expect(givenLogFormats({})).toEqual([]);
});

test.each([
  [
    { accessLogFormat: '%REQ(:AUTHORITY)% %RESPONSE_CODE%' },
    /^Invalid --access-log-format: The format lacks %REQ\(:PATH\)%/,
  ],
  [{ accessLogField: ['host=authority_for'] }, /^Invalid --access-log-field: The keys of .* are missing/],
])('refuses %j in one sentence', (given, message) => {
  expect(() => givenLogFormats(given)).toThrow(message);
});
