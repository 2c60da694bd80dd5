import type { HttpAnswer, HttpRequest } from '../client/transport.ts';
import { changeAnswers } from './change-answers.ts';
import type { Conversation } from './conversation.ts';
import type { Deviation } from './deviation.ts';

/** Changes the answers of newNonce to a method; null for GET and HEAD. */
export function changeNewNonce(
  method: HttpRequest['method'] | null,
  change: (answer: HttpAnswer, conversation: Conversation) => HttpAnswer,
): Deviation['apply'] {
  return changeAnswers(['newNonce'], (answer, request, conversation) =>
    request.method === method || (method === null && request.method !== 'POST') ? change(answer, conversation) : answer,
  );
}
