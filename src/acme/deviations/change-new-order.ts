import { errorType } from '../client/answer.ts';
import type { HttpRequest } from '../client/transport.ts';
import { acceptAnyway } from './accept-anyway.ts';
import type { Conversation } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { readSigned } from './signed-request.ts';

/** An identifier of an order (RFC 8555 section 7.1.3). */
export interface Identifier {
  readonly type: string;
  readonly value: string;
}

/** The names that a newOrder asks for; null for any other request. */
export function askedNames(request: HttpRequest, conversation: Conversation): readonly string[] | null {
  const { identifiers } = readSigned(request)?.fields ?? {};
  if (!conversation.isFor(request, 'newOrder') || !Array.isArray(identifiers)) return null;
  return identifiers.map(({ value }: { value?: unknown }) => String(value));
}

/** Accepts an order that the CA behind refuses. */
export function acceptOrder(
  hasFault: (names: readonly string[], fields: Readonly<Record<string, unknown>>) => boolean,
): Deviation['apply'] {
  return acceptAnyway(({ fields }, request, conversation, refusal) => {
    const names = askedNames(request, conversation);
    return errorType(refusal) !== 'badNonce' && names !== null && hasFault(names, fields);
  });
}

/** Refuses an order that the CA behind would accept, and does not forward it. */
export function refuseOrder(
  isRefused: (names: readonly string[], fields: Readonly<Record<string, unknown>>) => boolean,
  [status, type]: readonly [number, string],
): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const names = askedNames(request, conversation);
    const isIt = names !== null && isRefused(names, readSigned(request)?.fields ?? {});
    return isIt ? conversation.problem(status, type, 'refused by policy') : forward(request);
  };
}
