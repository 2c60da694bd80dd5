import { z } from 'zod';

/** What the ACME client outside is asked; one request on stdin, one answer on stdout. */
export const acmeRequestSchema = z.strictObject({
  directoryUrl: z.string(),
  /** PEM roots of the directory's own certificate; null for the public ones. */
  trustedRoots: z.string().nullable(),
  /** The certificate to revoke, twice, by its own key, both PEM; null to read the directory alone. */
  revoke: z.strictObject({ certificate: z.string(), privateKey: z.string() }).nullable(),
});

export const acmeAnswerSchema = z.union([
  z.strictObject({
    profiles: z.array(z.string()),
    revocations: z.array(z.strictObject({ at: z.string(), status: z.int(), error: z.string().nullable() })),
  }),
  /** Why nothing could be learned, one sentence. */
  z.strictObject({ refused: z.string() }),
]);

export type AcmeRequest = z.infer<typeof acmeRequestSchema>;
export type AcmeAnswer = Exclude<z.infer<typeof acmeAnswerSchema>, { refused: string }>;
