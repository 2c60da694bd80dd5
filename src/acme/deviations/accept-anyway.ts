import { succeeded } from '../client/answer.ts';
import type { Forward, HttpAnswer, HttpRequest } from '../client/transport.ts';
import type { Conversation } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { readSigned, type SignedRequest } from './signed-request.ts';

/**
 * A deviation in what is accepted: a signed request that the CA behind refuses and that has the fault is answered as an
 * honest one would be.
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

/** A deviation in what is accepted whose fault can be removed on the way: the CA behind gets a correct request. */
export function correctRequest(correct: (request: HttpRequest) => HttpRequest): Deviation['apply'] {
  return (request: HttpRequest, forward: Forward) => forward(correct(request));
}

/** Answers a signed request as the CA would if nothing were wrong with it; what would have been made is only pretended. */
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
  return known ?? conversation.problem(404, 'malformed', 'nothing is there');
}

async function answerNewAccount({ header: { kid, jwk }, fields }: SignedRequest, conversation: Conversation) {
  const url = typeof kid === 'string' ? kid : await conversation.accountOf(jwk);
  const known = url === undefined ? null : await conversation.lastGoodAgain(url);
  if (url !== undefined && known !== null) {
    return { ...known, status: 200, headers: { ...known.headers, location: [url] } };
  }
  if (fields.onlyReturnExisting === true) {
    return conversation.problem(400, 'accountDoesNotExist', 'there is no account of this key');
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
