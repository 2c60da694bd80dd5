import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from '../../hostile-input-fixture.ts';
import { readJws } from './signed-request.ts';

test('any text is a JWS or none', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, jws()), (text) => {
      const read = readJws(text);
      expect(read === null || typeof read.payload === 'string').toBe(true);
    }),
    { numRuns: 300 },
  );
});

/** What looks like a JWS, flattened or with several signatures, with anything in its fields. */
function jws(): fc.Arbitrary<string> {
  const field = fc.oneof(
    fc.jsonValue(),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
  );
  const one = fc.record({ protected: field, signature: field, header: field }, { requiredKeys: [] });
  return fc
    .tuple(one, field, fc.option(fc.oneof(fc.array(one), fc.jsonValue())))
    .map(([flat, payload, signatures]) =>
      JSON.stringify({ ...flat, payload, ...(signatures === null ? {} : { signatures }) }),
    );
}
