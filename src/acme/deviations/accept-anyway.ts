import { succeeded } from '../client/answer.ts';
import type { Forward, HttpAnswer, HttpRequest } from '../client/transport.ts';
import type { Conversation } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { readSigned, type SignedRequest } from './signed-request.ts';

/**
 * Accepts a fault: a signed request that has the fault, and that the CA behind refuses, is answered as an honest one would
 * be.
 */
export function acceptAnyway(
  hasFault: (
    signed: SignedRequest,
    request: HttpRequest,
    conversation: Conversation,
    refusal: HttpAnswer,
  ) => boolean | Promise<boolean>,
): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const answer = await forward(request);
    const signed = readSigned(request);
    if (signed === null || succeeded(answer) || answer.status >= 500) return answer;
    const fault = await hasFault(signed, request, conversation, answer);
    return fault ? answerAsHonest(request, signed, conversation) : answer;
  };
}

/** Accepts a fault that can be removed on the way: the CA behind gets a correct request. */
export function correctRequest(correct: (request: HttpRequest) => HttpRequest): Deviation['apply'] {
  return (request: HttpRequest, forward: Forward) => forward(correct(request));
}

/** Answers a signed request as the CA would answer it without its fault. What that creates is only pretended. */
export async function answerAsHonest(
  request: HttpRequest,
  signed: SignedRequest,
  conversation: Conversation,
): Promise<HttpAnswer> {
  const kind = conversation.kindOf(request.url);
  if (kind === 'newAccount') return answerNewAccount(signed, conversation);
  if (kind === 'newOrder') return answerNewOrder(signed, conversation);
  const account = signed.header.kid;
  if (kind === 'keyChange' && typeof account === 'string') {
    return (await conversation.lastGoodAgain(account)) ?? conversation.answer(200, { status: 'valid' });
  }
  if (kind === 'account' && conversation.isInvented(request.url)) {
    return conversation.answer(200, { status: signed.fields.status ?? 'valid', orders: `${request.url}/orders` });
  }
  const known = await conversation.lastGoodAgain(request.url);
  return known ?? conversation.problem(404, 'malformed', 'no such resource');
}

async function answerNewAccount({ header: { kid, jwk }, fields }: SignedRequest, conversation: Conversation) {
  const url = typeof kid === 'string' ? kid : await conversation.accountOf(jwk);
  const known = url === undefined ? null : await conversation.lastGoodAgain(url);
  if (url !== undefined && known !== null) {
    return { ...known, status: 200, headers: { ...known.headers, location: [url] } };
  }
  if (fields.onlyReturnExisting === true) {
    return conversation.problem(400, 'accountDoesNotExist', 'no account has this key');
  }
  const made = conversation.invent('newAccount', 'account');
  const { contact = [], externalAccountBinding } = fields;
  const binding = externalAccountBinding === undefined ? {} : { externalAccountBinding };
  const account = { status: 'valid', contact, orders: `${made}/orders`, ...binding };
  return conversation.answer(201, account, { location: [made] });
}

async function answerNewOrder({ fields }: SignedRequest, conversation: Conversation): Promise<HttpAnswer> {
  const url = conversation.invent('newOrder', 'order');
  const order = {
    status: 'pending',
    expires: new Date(Date.now() + 86_400_000).toISOString(),
    identifiers: fields.identifiers,
    authorizations: [conversation.invent('newOrder', 'authorization')],
    finalize: conversation.invent('newOrder', 'finalize'),
  };
  return conversation.answer(201, order, { location: [url] });
}
