import { succeeded } from '../client/answer.ts';
import { withFields, withJson, withoutLinks } from './answer-change.ts';
import { changeAnswers } from './change-answers.ts';
import type { Deviation } from './deviation.ts';
import { readSigned } from './signed-request.ts';

/** Groups 29 and 33, as far as they need no issuance: what a challenge says, and one that fails. */

const rfc = 8555;

type Fields = Readonly<Record<string, unknown>>;

/** Changes the challenges wherever they are shown, with their authorization or alone. */
function changeChallenges(change: (challenge: Fields) => Fields): Deviation['apply'] {
  return changeAnswers(['authorization', 'challenge'], (answer, request, conversation) =>
    withJson(answer, (object) =>
      conversation.isFor(request, 'challenge')
        ? change(object)
        : { ...object, challenges: ((object.challenges ?? []) as readonly Fields[]).map(change) },
    ),
  );
}

export const challengeDeviations: readonly Deviation[] = [
  {
    name: 'challenge-without-url',
    describes: 'An authorization has a further challenge, which has neither url nor status.',
    ...{ rfc, section: '8' },
    breaks: ['challenges-are-complete'],
    apply: changeAnswers(['authorization'], (answer) =>
      withJson(answer, (object) => ({
        ...object,
        challenges: [...((object.challenges ?? []) as readonly Fields[]), { type: 'incomplete-01' }],
      })),
    ),
  },
  {
    name: 'short-token',
    describes: 'The token of http-01 has less than 128 bits.',
    ...{ rfc, section: '8.3' },
    // The CA behind looks for the whole token, so that nothing is issued by http-01.
    breaks: [
      'http-01-token',
      'http-01-request',
      'ip-http-01',
      'caa-permits',
      'honest-order-is-issued',
      'caa-own-account-and-method',
      'refused-by-caa-says-caa',
    ],
    apply: changeChallenges((challenge) =>
      challenge.type === 'http-01' ? { ...challenge, token: String(challenge.token).slice(0, 8) } : challenge,
    ),
  },
  {
    name: 'no-up-link',
    describes: 'A challenge has no Link with the relation "up".',
    ...{ rfc, section: '7.1' },
    breaks: ['challenge-links-up'],
    apply: changeAnswers(['challenge'], (answer) => withoutLinks(answer, 'up')),
  },
  {
    name: 'reading-starts-validation',
    describes: 'POST-as-GET of a challenge is taken for the response to it.',
    ...{ rfc, section: '6.3' },
    breaks: ['reading-a-challenge-starts-nothing'],
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      const { memory } = conversation;
      if (!succeeded(answer)) return answer;
      const started = (challenge: Fields) =>
        challenge.status === 'pending' && memory.has(String(challenge.url))
          ? { ...challenge, status: 'processing' }
          : challenge;
      if (conversation.isFor(request, 'challenge')) {
        if (readSigned(request)?.payload === '') memory.set(request.url, true);
        return withJson(answer, started);
      }
      return conversation.isFor(request, 'authorization')
        ? withJson(answer, (object) => ({
            ...object,
            challenges: ((object.challenges ?? []) as readonly Fields[]).map(started),
          }))
        : answer;
    },
  },
  {
    name: 'challenge-response-answered-202',
    describes: 'The response to a challenge is answered 202.',
    ...{ rfc, section: '7.5.1' },
    breaks: ['challenge-response'],
    apply: changeAnswers(['challenge'], (answer, request) =>
      readSigned(request)?.payload === '' ? answer : { ...answer, status: 202 },
    ),
  },
  {
    name: 'failed-challenge-without-error',
    describes: 'A challenge that failed does not say why.',
    ...{ rfc, section: '8' },
    breaks: [
      'failed-challenge-has-error',
      'failed-http-01-says-unauthorized',
      'failed-dns-01-says-unauthorized',
      'failed-dns-01-says-dns',
      'failed-http-01-says-connection',
      'failed-tls-alpn-01-says-tls',
      'failed-tls-alpn-01-says-unauthorized',
      'refused-by-caa-says-caa',
    ],
    apply: changeChallenges(({ error: _, ...challenge }) => challenge),
  },
  {
    name: 'pending-challenge-with-error',
    describes: 'A challenge that failed is shown as pending, with its error.',
    ...{ rfc, section: '8' },
    breaks: ['challenge-with-error-is-not-pending'],
    apply: changeChallenges((challenge) =>
      challenge.error === undefined ? challenge : { ...challenge, status: 'pending' },
    ),
  },
  {
    name: 'order-outlives-failed-challenge',
    describes: 'An order stays pending after a challenge of it failed.',
    ...{ rfc, section: '7.1.6' },
    breaks: ['failed-challenge-ends-the-order'],
    async apply(request, forward, conversation) {
      const answer = await forward(request);
      if (!succeeded(answer)) return answer;
      if (conversation.isFor(request, 'authorization') && answer.body.includes('"invalid"')) {
        conversation.memory.set(conversation.parentOf(request.url) ?? '', true);
      }
      const isOutlived = conversation.isFor(request, 'order') && conversation.memory.has(request.url);
      return isOutlived ? withFields(answer, { status: 'pending' }) : answer;
    },
  },
];
