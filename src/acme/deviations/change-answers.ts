import { errorType, succeeded } from '../client/answer.ts';
import type { HttpAnswer, HttpRequest } from '../client/transport.ts';
import type { Conversation, ResourceKind } from './conversation.ts';
import type { Deviation } from './deviation.ts';

type Change = (
  answer: HttpAnswer,
  request: HttpRequest,
  conversation: Conversation,
) => HttpAnswer | Promise<HttpAnswer>;

/** Changes the successful answers of some kinds of resources. */
export function changeAnswers(kinds: readonly ResourceKind[], change: Change): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const answer = await forward(request);
    return succeeded(answer) && conversation.isFor(request, ...kinds) ? change(answer, request, conversation) : answer;
  };
}

/** Changes the errors of a type (without ACME's namespace). */
export function changeErrors(type: string, change: Change): Deviation['apply'] {
  return async (request, forward, conversation) => {
    const answer = await forward(request);
    return errorType(answer) === type ? change(answer, request, conversation) : answer;
  };
}
