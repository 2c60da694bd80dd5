import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from '../../hostile-input-fixture.ts';
import { errorType, inWords, jsonObject, links, nonceInWords, problemInWords, retryAfterSeconds } from './answer.ts';

const answer = fc.record({
  status: fc.integer({ min: 0, max: 999 }),
  headers: fc.dictionary(
    fc.constantFrom('link', 'retry-after', 'replay-nonce', 'content-type', 'location'),
    fc.array(anyText, { maxLength: 3 }),
  ),
  body: fc.oneof(
    anyText,
    fc
      .record({ type: fc.jsonValue(), detail: fc.jsonValue(), subproblems: fc.jsonValue() })
      .map((one) => JSON.stringify(one)),
  ),
});

test('any answer of a CA is put into words', () => {
  fc.assert(
    fc.property(answer, (one) => {
      expect(inWords(one)).toMatch(/\S/);
      expect(nonceInWords(one)).toMatch(/\S/);
      const type = errorType(one);
      expect(type === null || typeof type === 'string').toBe(true);
      expect(problemInWords(jsonObject(one))).toBeTypeOf('string');
    }),
    { numRuns: 300 },
  );
});

test('any header of a CA has links and a time, or none', () => {
  fc.assert(
    fc.property(answer, (one) => {
      expect(Array.isArray(links(one, 'up'))).toBe(true);
      const seconds = retryAfterSeconds(one);
      expect(seconds === null || Number.isFinite(seconds)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
