import fc from 'fast-check';
import { describe, test } from 'vitest';
import { parseEnvelope } from '../attest/index.ts';
import { anyBytes, readOrRefused } from '../hostile-input-fixture.ts';
import { manifestFrom } from './read-manifest.ts';

describe.each([true, false])('the manifest of an archive (signed: %s)', (signed) => {
  test('is read or refused in a sentence, whatever its bytes', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => readOrRefused(() => manifestFrom(bytes, { title: 'x.tar', signed, key: null }))),
    );
  });
});

test('an envelope is read or refused in a sentence, whatever its payload and signatures', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (payloadType, payload, signatures) => {
      const text = JSON.stringify({ payloadType, payload, signatures: [{ sig: signatures }] });
      readOrRefused(() => parseEnvelope('x.json', Buffer.from(text)));
    }),
  );
});
