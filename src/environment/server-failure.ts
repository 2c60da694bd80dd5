import { z } from 'zod';

/** A failure of an ACME server, made before it: what its clients meet. */
export const directoryFailureSchema = z.discriminatedUnion('kind', [
  /** Connections are refused. */
  z.strictObject({ kind: z.literal('refused') }),
  /** Connections are accepted, and nothing is answered. */
  z.strictObject({ kind: z.literal('silent') }),
  /** Each answer waits so long, in milliseconds. */
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().positive() }),
  /** Each connection is reset in the middle of the answer's body. */
  z.strictObject({ kind: z.literal('reset') }),
  /** Requests get this status instead of an answer of the server. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(400).max(599),
    /** The type of the problem document (RFC 8555 section 6.7), without its prefix; an HTML page without it. */
    problem: z.string().optional(),
    retryAfterSeconds: z.int().positive().optional(),
    /** Only requests to paths that begin with it. */
    below: z.string().optional(),
  }),
  /** Every POST is refused with badNonce (RFC 8555 section 6.5), each time with a fresh nonce. */
  z.strictObject({ kind: z.literal('bad-nonce') }),
  /** Answers to requests to paths that begin with `below` get this Retry-After instead of the server's own. */
  z.strictObject({ kind: z.literal('retry-after'), seconds: z.int().positive(), below: z.string() }),
  /** Orders that are valid are told as processing (RFC 8555 section 7.1.6). */
  z.strictObject({ kind: z.literal('processing') }),
  /** The certificate of the directory has expired, begins an hour from now, or ends at a root that nobody trusts. */
  z.strictObject({ kind: z.literal('certificate'), is: z.enum(['expired', 'not-yet-valid', 'untrusted']) }),
]);
export type DirectoryFailure = z.infer<typeof directoryFailureSchema>;

/** A failure of a name server, made before it. */
export const nameServerFailureSchema = z.discriminatedUnion('kind', [
  /** Every answer has this response code (RFC 1035 section 4.1.1). */
  z.strictObject({ kind: z.literal('code'), code: z.enum(['SERVFAIL', 'NXDOMAIN', 'REFUSED']) }),
  /** Nothing is answered. */
  z.strictObject({ kind: z.literal('silent') }),
  /** Each answer waits so long, in milliseconds. */
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().positive() }),
  /** Answers over UDP are truncated, and TCP is refused. */
  z.strictObject({ kind: z.literal('truncated') }),
  /** Questions for an address get this one. */
  z.strictObject({ kind: z.literal('stale'), address: z.ipv4() }),
]);
export type NameServerFailure = z.infer<typeof nameServerFailureSchema>;
