import type { HttpRequest } from '../client/transport.ts';

/** The content of a signed POST, whether or not its signature is valid. */
export interface SignedRequest {
  /** The protected header. */
  readonly header: Readonly<Record<string, unknown>>;
  /** Decoded; '' is POST-as-GET (RFC 8555 section 6.3). */
  readonly payload: string;
  /** The payload if it is a JSON object, else empty. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly signature: string;
  /** Whether it has an unprotected header. */
  readonly unprotected: boolean;
  /** Whether it is in the general serialization, with several signatures. */
  readonly several: boolean;
}

/** Reads the JWS of a request, with the first of several signatures; null without a JWS. */
export function readSigned({ method, body }: HttpRequest): SignedRequest | null {
  return method === 'POST' && body !== undefined ? readJws(body) : null;
}

/** Reads a JWS in the flattened or general JSON serialization (RFC 7515 section 7.2); null for any other text. */
export function readJws(text: string): SignedRequest | null {
  const jws = object(text);
  const signatures = jws?.signatures;
  const several = Array.isArray(signatures);
  const one = several ? (signatures[0] as typeof jws) : jws;
  if (jws === null || typeof one?.protected !== 'string' || typeof jws.payload !== 'string') return null;
  const header = object(decoded(one.protected));
  if (header === null) return null;
  const payload = decoded(jws.payload);
  return {
    ...{ header, payload, several },
    fields: object(payload) ?? {},
    signature: String(one.signature ?? ''),
    unprotected: one.header !== undefined,
  };
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64url').toString('utf8');
}

function object(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
