import type { HttpAnswer } from '../client/transport.ts';
import { changeAnswers } from './change-answers.ts';
import type { Conversation } from './conversation.ts';
import type { Deviation } from './deviation.ts';
import { readSigned, type SignedRequest } from './signed-request.ts';

/** Changes the answers of newAccount about an account that existed before. */
export function changeKnownAccount(
  change: (answer: HttpAnswer, signed: SignedRequest, conversation: Conversation) => HttpAnswer | Promise<HttpAnswer>,
): Deviation['apply'] {
  return changeAnswers(['newAccount'], (answer, request, conversation) => {
    const signed = readSigned(request);
    return answer.status === 200 && signed !== null ? change(answer, signed, conversation) : answer;
  });
}
