import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyBytes, anyText } from '../hostile-input-fixture.ts';
import { certificateFacts, certificatesInPem, dnsNamesOf } from './certificate-facts.ts';
import { issuedCertificate } from './issued-certificate-fixture.ts';

/** The facts, or one sentence about why there are none. */
function factsOrSentence(bytes: Buffer | string): void {
  try {
    certificateFacts(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toContain('This is not an X.509 certificate in DER or PEM');
  }
}

test('any bytes are a certificate, or none with a sentence', () => {
  fc.assert(fc.property(fc.oneof(anyBytes, anyText), factsOrSentence));
});

test('a certificate with damaged bytes is one, or none with a sentence', async () => {
  const { der: raw } = await issuedCertificate();
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(raw.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }), (changes) => {
      const bytes = Buffer.from(raw);
      for (const [at, byte] of changes) bytes[at] = byte;
      factsOrSentence(bytes);
      factsOrSentence(bytes.subarray(0, changes[0]?.[0]));
    }),
    { numRuns: 300 },
  );
});

test('any text has certificates in PEM or none, and names or none', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const pem = `${text}\n-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
      for (const one of certificatesInPem(pem)) factsOrSentence(one);
      expect(Array.isArray(dnsNamesOf(text))).toBe(true);
    }),
  );
});
