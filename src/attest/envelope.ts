import { dsse } from '@sigstore/core';
import { z } from 'zod';
import { shortened, visibleLine } from '../report/visible-text.ts';
import { UserError } from '../user-error.ts';
import type { SigningKey } from './signing-key.ts';
import type { VerificationKey } from './verification-key.ts';

/** The media type of an in-toto statement in JSON (in-toto attestation framework, spec/v1/envelope.md). */
export const statementPayloadType = 'application/vnd.in-toto+json';

// Verifiers must accept the standard and the URL-safe alphabet (DSSE protocol 1.0.0, "Protocol").
const base64 = z
  .string()
  .regex(/^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/, { error: 'it is not base64' })
  .transform((text) => Buffer.from(text, 'base64'));

const maxSignatures = 100;

const envelopeSchema = z.object({
  payloadType: z.string(),
  payload: base64,
  signatures: z
    .array(z.object({ keyid: z.string().default(''), sig: base64 }))
    .min(1)
    .max(maxSignatures),
});

/** A decoded DSSE envelope. If a signature is required, the payload must not be parsed before the signature is verified. */
export type Envelope = z.infer<typeof envelopeSchema>;

/** Signs a payload, by default a statement, and wraps it: the JSON envelope of DSSE 1.0.0 (envelope.md), base64 in the standard alphabet. */
export function sealEnvelope(payload: Buffer, key: SigningKey, payloadType: string = statementPayloadType): string {
  const envelope = {
    payloadType,
    payload: payload.toString('base64'),
    signatures: [{ keyid: key.keyId, sig: key.sign(preAuthEncoding(payloadType, payload)).toString('base64') }],
  };
  return `${JSON.stringify(envelope, null, 2)}\n`;
}

/** @throws UserError (2): not JSON (cut off, say), or not an envelope */
export function parseEnvelope(file: string, bytes: Buffer): Envelope {
  const { data, error } = envelopeSchema.safeParse(parseJson(file, bytes));
  if (data !== undefined) return data;
  const [issue] = error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `at ${z.core.toDotPath(issue.path)}, `;
  throw new UserError(
    `Attestation ${file} is not a DSSE envelope: ${shortened(visibleLine(`${where}${issue?.message}`), 300)}.`,
    { cause: error },
  );
}

/**
 * Whether any signature of the envelope is by this key. Key ids are hints that anyone can write, so each signature is
 * tried, and none is believed for its id (DSSE protocol 1.0.0, KEYID).
 */
export function isSignedBy(envelope: Envelope, key: VerificationKey): boolean {
  const signed = preAuthEncoding(envelope.payloadType, envelope.payload);
  return envelope.signatures.some(({ sig }) => key.verify(signed, sig));
}

function preAuthEncoding(payloadType: string, payload: Buffer): Buffer {
  return dsse.preAuthEncoding(payloadType, payload);
}

function parseJson(file: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new UserError(`Attestation ${file} is not JSON; it may be cut off (it has ${bytes.length} bytes).`, {
      cause,
    });
  }
}
