import { type JsonObject, withJson } from './answer-change.ts';
import { changeAnswers } from './change-answers.ts';
import type { Deviation } from './deviation.ts';

/** Changes the authorizations of some identifiers. */
export function changeAuthorizations(
  which: (identifier: JsonObject) => boolean,
  change: (authorization: JsonObject) => JsonObject,
): Deviation['apply'] {
  return changeAnswers(['authorization'], (answer) =>
    withJson(answer, (object) => (which((object.identifier ?? {}) as JsonObject) ? change(object) : object)),
  );
}

/** Changes challenges wherever they are shown: in their authorization and alone. */
export function changeChallenges(change: (challenge: JsonObject) => JsonObject): Deviation['apply'] {
  return changeAnswers(['authorization', 'challenge'], (answer, request, conversation) =>
    withJson(answer, (object) =>
      conversation.isFor(request, 'challenge')
        ? change(object)
        : { ...object, challenges: ((object.challenges ?? []) as readonly JsonObject[]).map(change) },
    ),
  );
}
