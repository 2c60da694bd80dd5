import { z } from 'zod';
import { evidenceSchema } from './evidence.ts';

/** The field of a redacted Secret that holds its {@link SecretFacts}, beside `metadata` and `type`. */
export const secretFactsField = 'padlock';

/**
 * What evidence keeps of a Secret's data: redaction puts this in place of `data`, so that checks can judge the
 * certificate and its key without the key ever being in the evidence.
 */
export const secretFactsSchema = z.strictObject({
  certificates: z.array(evidenceSchema.shape.ca.shape.foreignRoot).describe('the certificates of tls.crt, in order'),
  privateKeyPublicSha256: z
    .string()
    .nullable()
    .describe(
      "lower-case hexadecimal, of the DER SubjectPublicKeyInfo of tls.key's public half; null without a tls.key",
    ),
  dataKeys: z.array(z.string()).describe('the keys of data, without the values'),
});

export type SecretFacts = z.infer<typeof secretFactsSchema>;
