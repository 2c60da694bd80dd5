import { z } from 'zod';
import { directoryFailureSchema, nameServerFailureSchema } from '../../server-failure.ts';

const keyPair = z.strictObject({ certificate: z.string(), key: z.string() });

/** The first line on the stdin of a directory's front. */
export const directoryFrontSchema = z.strictObject({
  port: z.int(),
  /** Of the server behind, on loopback. */
  upstreamPort: z.int(),
  /** PEM, by what they are. */
  identities: z.strictObject({ good: keyPair, expired: keyPair, 'not-yet-valid': keyPair, untrusted: keyPair }),
});

/** The first line on the stdin of a name server's front. */
export const nameServerFrontSchema = z.strictObject({
  port: z.int(),
  address: z.string(),
  upstreamPort: z.int(),
});

/** Every further line on stdin: how it fails from now on; null for not at all. */
export const directoryFailureLine = directoryFailureSchema.nullable();
export const nameServerFailureLine = nameServerFailureSchema.nullable();

/** A line on stdout. */
export const frontEventSchema = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('ready') }),
  /** The failure that was told last is there, or is over. */
  z.strictObject({ event: z.literal('set') }),
  /** A request that the server behind did not get. */
  z.strictObject({ event: z.literal('kept'), line: z.string() }),
]);
export type FrontEvent = z.infer<typeof frontEventSchema>;
