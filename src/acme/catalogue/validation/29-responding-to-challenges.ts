import { inWords, jsonObject, links, succeeded } from '../../client/answer.ts';
import { readAuthorization } from '../../client/authorization.ts';
import { UnmetNeed } from '../../client/session.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { type JsonObject, withJson, withoutLinks } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { changeChallenges } from '../../deviations/change-authorizations.ts';
import { changeDecisions } from '../../deviations/decide-otherwise.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, failed, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { challengesOf, failedChallenge, urlOf } from './failed-challenge.ts';
import { anyHonestAttempt } from './validation-attempt.ts';

const common = { rfc: 8555, profile: 'standard' } as const;

export const respondingToChallenges = group(29, 'Responding to challenges', {
  runs: 'challenges',
  checks: [
    {
      ...standard,
      id: 'challenges-are-complete',
      section: '8',
      level: 'MUST',
      basis: 'statement',
      asserts: 'Every challenge has the required fields type, url and status.',
      async run(session) {
        const challenges = await challengesOf(session, await session.order());
        const wrong = challenges.filter(({ type, url, status }) =>
          [type, url, status].some((one) => typeof one !== 'string'),
        );
        const types = challenges.map(({ type }) => String(type)).join(', ');
        return expectThat(
          wrong.length === 0,
          `${challenges.length - wrong.length} of ${challenges.length} have them: ${types}.`,
        );
      },
    },
    {
      ...standard,
      id: 'http-01-token',
      section: '8.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The token of http-01 is base64url without padding, long enough for 128 bits.',
      async run(session) {
        const challenges = await challengesOf(session, await session.order());
        const challenge = challenges.find(({ type }) => type === 'http-01');
        if (!challenge) return skipped('the CA offers no http-01');
        const { token } = challenge;
        const right = typeof token === 'string' && /^[A-Za-z0-9_-]{22,}$/.test(token);
        return expectThat(right, `The token is ${JSON.stringify(token ?? null)}.`);
      },
    },
    {
      ...standard,
      id: 'challenge-links-up',
      section: '7.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'A challenge has a Link with the relation "up" to its authorization.',
      async run(session) {
        const order = await session.order();
        const [challenge] = await challengesOf(session, order);
        const answer = await session.read(order.account, urlOf(challenge));
        if (!succeeded(answer)) return failed(`POST-as-GET of the challenge was answered ${inWords(answer)}.`);
        const up = links(answer, 'up');
        return expectThat(
          up.includes(session.authorizationOf(order)),
          `Read by POST-as-GET, its links up are ${JSON.stringify(up)}.`,
        );
      },
    },
    {
      ...standard,
      id: 'reading-a-challenge-starts-nothing',
      section: '6.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'POST-as-GET of a challenge only reads it: it does not start the validation.',
      async run(session) {
        const order = await session.anotherOrder(await session.account(), 'only-read');
        const [challenge] = await challengesOf(session, order);
        const answer = await session.read(order.account, urlOf(challenge));
        const [after] = await challengesOf(session, order);
        if (!succeeded(answer)) return failed(`It was answered ${inWords(answer)}.`);
        const known = ' (cert-manager issue 3777)';
        const right = jsonObject(answer)?.status === 'pending' && after?.status === 'pending';
        return expectThat(
          right,
          `Afterwards the challenge is ${JSON.stringify(after?.status ?? null)}${right ? '' : known}.`,
        );
      },
    },
    {
      ...standard,
      id: 'challenge-response',
      section: '7.5.1',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The response {} to a challenge is answered 200 with the challenge.',
      async run(session) {
        const { answer } = await failedChallenge(session);
        const right = answer.status === 200 && jsonObject(answer)?.type === 'http-01';
        return expectThat(right, `It was answered ${answer.status}.`);
      },
    },
    {
      ...common,
      id: 'valid-challenge-says-when',
      runs: 'progress',
      section: '8',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A valid challenge says when it was validated, as an RFC 3339 time.',
      async run(session) {
        const { challenge } = await anyHonestAttempt(session);
        const { status, validated } = challenge;
        const right =
          status === 'valid' &&
          typeof validated === 'string' &&
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(validated);
        return expectThat(
          right,
          `The challenge is ${JSON.stringify(status ?? null)}, validated ${JSON.stringify(validated ?? null)}.`,
        );
      },
    },
    {
      ...common,
      id: 'challenge-response-of-a-stranger',
      runs: 'progress',
      section: '8',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The response of another account to a challenge is refused and starts nothing.',
      async run(session) {
        const account = await session.account();
        const order = await session.anotherOrder(account, this.id);
        const url = session.authorizationOf(order);
        const [challenge] = (await readAuthorization(session, account, url)).challenges;
        const challengeUrl = challenge?.url;
        if (typeof challengeUrl !== 'string' || !URL.canParse(challengeUrl)) {
          throw new UnmetNeed('the authorization has no challenge with a URL');
        }
        const answer = await session.post({ url: challengeUrl, by: await session.stranger(), payload: {} });
        const after = await readAuthorization(session, account, url);
        const status = after.challenges.find((one) => one.url === challengeUrl)?.status;
        return expectThat(
          answer.status >= 400 && answer.status < 500 && status === 'pending',
          `It was answered ${inWords(answer)}; afterwards the challenge is ${JSON.stringify(status ?? null)}.`,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'challenge-without-url',
      describes: 'An authorization has a further challenge, which has neither url nor status.',
      rfc: 8555,
      section: '8',
      breaks: ['challenges-are-complete'],
      apply: changeAnswers(['authorization'], (answer) =>
        withJson(answer, (object) => ({
          ...object,
          challenges: [...((object.challenges ?? []) as readonly JsonObject[]), { type: 'incomplete-01' }],
        })),
      ),
    },
    {
      name: 'short-token',
      describes: 'The token of http-01 has less than 128 bits.',
      rfc: 8555,
      section: '8.3',
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
      rfc: 8555,
      section: '7.1',
      breaks: ['challenge-links-up'],
      apply: changeAnswers(['challenge'], (answer) => withoutLinks(answer, 'up')),
    },
    {
      name: 'reading-starts-validation',
      describes: 'POST-as-GET of a challenge is taken for the response to it.',
      rfc: 8555,
      section: '6.3',
      breaks: ['reading-a-challenge-starts-nothing'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        const { memory } = conversation;
        if (!succeeded(answer)) return answer;
        const started = (challenge: JsonObject) =>
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
              challenges: ((object.challenges ?? []) as readonly JsonObject[]).map(started),
            }))
          : answer;
      },
    },
    {
      name: 'challenge-response-answered-202',
      describes: 'The response to a challenge is answered 202.',
      rfc: 8555,
      section: '7.5.1',
      breaks: ['challenge-response'],
      apply: changeAnswers(['challenge'], (answer, request) =>
        readSigned(request)?.payload === '' ? answer : { ...answer, status: 202 },
      ),
    },
    {
      name: 'valid-without-time',
      describes: 'A valid challenge does not say when it was validated.',
      rfc: 8555,
      section: '8',
      breaks: ['valid-challenge-says-when'],
      apply: changeDecisions(
        () => true,
        ({ validated: _, ...challenge }) => challenge,
      ),
    },
    {
      name: 'challenge-response-of-anyone',
      describes: 'The response to a challenge is taken from any account.',
      rfc: 8555,
      section: '8',
      breaks: ['challenge-response-of-a-stranger'],
      async apply(request, forward, conversation) {
        const accepted = acceptAnyway(
          ({ header: { kid }, payload }) =>
            conversation.isFor(request, 'challenge') && payload === '{}' && conversation.ownerOf(request.url) !== kid,
        );
        const answer = await accepted(request, forward, conversation);
        return answer.status === 404 && conversation.isFor(request, 'challenge')
          ? conversation.answer(200, { type: 'http-01', url: request.url, status: 'processing' })
          : answer;
      },
    },
  ],
});
