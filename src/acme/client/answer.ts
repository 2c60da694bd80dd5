import type { HttpAnswer } from './transport.ts';

/** Readers for answers of a CA, which may have any content. */

/** The first value of a header field. */
export function header(answer: HttpAnswer, name: string): string | undefined {
  return answer.headers[name]?.[0];
}

/** The body if it is a JSON object, else null. */
export function jsonObject(answer: HttpAnswer): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(answer.body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}

const errorNamespace = 'urn:ietf:params:acme:error:';

/** The type of an ACME error without its namespace (RFC 8555 section 6.7), null for anything else. */
export function errorType(answer: HttpAnswer): string | null {
  const type = answer.status >= 400 ? jsonObject(answer)?.type : null;
  return typeof type === 'string' && type.startsWith(errorNamespace) ? type.slice(errorNamespace.length) : null;
}

export function succeeded(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

/** What was answered, in a few words: `400 badNonce`. */
export function inWords(answer: HttpAnswer): string {
  if (answer.status < 400) return String(answer.status);
  const detail = jsonObject(answer)?.detail;
  const type = errorType(answer) ?? 'without an ACME error type';
  return `${answer.status} ${type}${typeof detail === 'string' ? ` (${detail.slice(0, 160)})` : ''}`;
}

/** A problem document within another object, in a few words: `connection (no answer)`; anything else as JSON. */
export function problemInWords(problem: unknown): string {
  const { type, detail } = (problem ?? {}) as { readonly type?: unknown; readonly detail?: unknown };
  if (typeof type !== 'string') return JSON.stringify(problem).slice(0, 160);
  return `${type.replace(errorNamespace, '')}${typeof detail === 'string' ? ` (${detail.slice(0, 160)})` : ''}`;
}

/** Whether an answer brings a nonce: `with a Replay-Nonce`. */
export function nonceInWords(answer: HttpAnswer): string {
  return `${header(answer, 'replay-nonce') === undefined ? 'without' : 'with'} a Replay-Nonce`;
}

/** The targets of Link header fields with a relation (RFC 8288 section 3). Several links may share one field. */
export function links(answer: HttpAnswer, relation: string): readonly string[] {
  return (answer.headers.link ?? []).flatMap((field) =>
    [...field.matchAll(/<([^>]*)>((?:\s*;\s*[^,;"]+(?:"[^"]*")?)*)/g)].flatMap(([, target = '', parameters = '']) => {
      const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(parameters);
      const relations = (rel?.[1] ?? rel?.[2] ?? '').toLowerCase().split(/\s+/);
      return relations.includes(relation) ? [target] : [];
    }),
  );
}

/** The delay of Retry-After in seconds, from now if it is a date (RFC 9110 section 10.2.3); null if there is none. */
export function retryAfterSeconds(answer: HttpAnswer, now = Date.now()): number | null {
  const value = header(answer, 'retry-after')?.trim();
  if (value === undefined) return null;
  if (/^\d+$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}
