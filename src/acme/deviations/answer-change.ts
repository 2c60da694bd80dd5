import { jsonObject, links } from '../client/answer.ts';
import type { HttpAnswer } from '../client/transport.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The answer with other values of a header field. The name is in lower case. */
export function withHeader(answer: HttpAnswer, name: string, ...values: readonly string[]): HttpAnswer {
  return { ...answer, headers: { ...answer.headers, [name]: values } };
}

export function withoutHeader(answer: HttpAnswer, name: string): HttpAnswer {
  const { [name]: _, ...headers } = answer.headers;
  return { ...answer, headers };
}

/** The answer without its links of a relation. Several links may share one field (RFC 8288 section 3). */
export function withoutLinks(answer: HttpAnswer, relation: string): HttpAnswer {
  const each = (answer.headers.link ?? []).flatMap((field) => field.split(/,\s*(?=<)/));
  const others = each.filter((link) => links({ ...answer, headers: { link: [link] } }, relation).length === 0);
  return others.length > 0 ? withHeader(answer, 'link', ...others) : withoutHeader(answer, 'link');
}

/** The answer with its JSON object changed. Any other body is unchanged. */
export function withJson(answer: HttpAnswer, change: (object: JsonObject) => unknown): HttpAnswer {
  const object = jsonObject(answer);
  return object === null ? answer : { ...answer, body: JSON.stringify(change(object)) };
}

/** The answer with fields of its JSON object set. A field that is undefined is removed. */
export function withFields(answer: HttpAnswer, fields: JsonObject): HttpAnswer {
  return withJson(answer, (object) => ({ ...object, ...fields }));
}

/** The answer as an ACME error (RFC 8555 section 6.7), with the header fields of the answer, such as nonce and index link. */
export function asProblem(answer: HttpAnswer, status: number, type: string, detail = 'refused'): HttpAnswer {
  return {
    status,
    headers: { ...answer.headers, 'content-type': ['application/problem+json'] },
    body: JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail, status }),
  };
}
