import { jsonObject, succeeded } from '../client/answer.ts';
import { type JsonObject, withJson } from './answer-change.ts';
import type { Deviation } from './deviation.ts';
import { readSigned } from './signed-request.ts';

/** An identifier of an order with the ancestor that its client can prove control over (RFC 9444 section 4.3). */
export interface NameWithAncestor {
  readonly value: string;
  readonly ancestorDomain: string;
}

/** Whether the one is a subdomain of the other. */
export function isBelow(name: string, domain: string): boolean {
  return name.endsWith(`.${domain}`);
}

/**
 * Authorizes another name than the ordered one, where the order has an ancestorDomain.
 *
 * @param choose gives the name; null for the ordered one
 */
export function authorizeInstead(
  choose: (name: NameWithAncestor) => string | null,
  fields: JsonObject = { subdomainAuthAllowed: true },
): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const answer = await forward(request);
    if (!succeeded(answer)) return answer;
    const keyOf = (url: unknown) => `authorized instead: ${String(url)}`;
    if (conversation.isFor(request, 'newOrder')) {
      const { identifiers } = readSigned(request)?.fields ?? {};
      const [name] = Array.isArray(identifiers) ? (identifiers as readonly Partial<NameWithAncestor>[]) : [];
      const { value, ancestorDomain } = name ?? {};
      const chosen = value === undefined || ancestorDomain === undefined ? null : choose({ value, ancestorDomain });
      const { authorizations } = jsonObject(answer) ?? {};
      if (chosen !== null && Array.isArray(authorizations)) conversation.memory.set(keyOf(authorizations[0]), chosen);
      return answer;
    }
    const chosen = conversation.memory.get(keyOf(request.url));
    return conversation.isFor(request, 'authorization') && chosen !== undefined
      ? withJson(answer, (object) => ({ ...object, identifier: { type: 'dns', value: chosen }, ...fields }))
      : answer;
  };
}
