import { base64url } from 'jose';
import type { HttpAnswer, HttpRequest } from './transport.ts';

/** One request and its answer for the report, without keys, MACs and signatures. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly contentType: string | null;
  /** The JWS with its parts decoded, or null if nothing was sent. */
  readonly sent: unknown;
  /** Null if no HTTP answer came. */
  readonly status: number | null;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** At most the first 4096 characters. */
  readonly body: string;
  /** Why no answer came, else null. */
  readonly error: string | null;
}

const bodyLimit = 4096;
const recordedHeaders = new Set([
  'cache-control',
  'content-type',
  'link',
  'location',
  'replay-nonce',
  'retry-after',
  'server',
]);
const secretFields = new Set(['jwk', 'oldKey', 'key', 'signature', 'externalAccountBinding', 'eab']);
const redacted = '[redacted]';

/** The record of one exchange. */
export function recordExchange(request: HttpRequest, answer: HttpAnswer | Error): Exchange {
  const sent = {
    method: request.method,
    url: request.url,
    contentType: request.headers['content-type'] ?? null,
    sent: request.body === undefined ? null : decodeJws(request.body),
  };
  if (answer instanceof Error) return { ...sent, status: null, headers: {}, body: '', error: answer.message };
  const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => recordedHeaders.has(name)));
  return { ...sent, status: answer.status, headers, body: redactBody(answer.body).slice(0, bodyLimit), error: null };
}

function decodeJws(body: string): unknown {
  const parsed = parse(body);
  if (typeof parsed !== 'object' || parsed === null) return body.slice(0, bodyLimit);
  const { protected: header, payload, ...rest } = parsed as Readonly<Record<string, unknown>>;
  return redact({
    ...(typeof header === 'string' ? { protected: decodePart(header) } : {}),
    ...(typeof payload === 'string' ? { payload: decodePart(payload) } : {}),
    ...rest,
  });
}

/** A part of a JWS. An inner JWS, as in a key change, is decoded, too. */
function decodePart(part: string): unknown {
  if (part === '') return '';
  let text: string;
  try {
    text = Buffer.from(base64url.decode(part)).toString('utf8');
  } catch {
    return part;
  }
  const value = parse(text);
  if (value === undefined) return text;
  const inner = typeof value === 'object' && value !== null && 'protected' in value && 'signature' in value;
  return inner ? decodeJws(text) : value;
}

function redactBody(body: string): string {
  const value = parse(body);
  return typeof value === 'object' && value !== null ? JSON.stringify(redact(value)) : body;
}

function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, of]) => [name, secretFields.has(name) ? redacted : redact(of)]),
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
