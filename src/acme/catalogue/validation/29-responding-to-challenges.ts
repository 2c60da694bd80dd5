import { inWords, jsonObject, links, succeeded } from '../../client/answer.ts';
import {
  answerableTypes,
  anyHonestAttempt,
  honestAttempt,
  RefusedResponse,
  workingType,
} from '../../client/attempt.ts';
import { challengeOf, decided, readAuthorization } from '../../client/authorization.ts';
import { hostOf, present } from '../../client/present.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { type JsonObject, withJson, withoutLinks } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { changeAuthorizations, changeChallenges } from '../../deviations/change-authorizations.ts';
import { changeDecisions } from '../../deviations/decide-otherwise.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { type CaCheck, expectThat, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { challengesOf, needsPending, urlOf, wrongResponse } from './failed-challenge.ts';

/** Judges the token of a challenge type of the order that checks share. */
function tokenOf(type: string): CaCheck['run'] {
  return async (session) => {
    const challenges = await challengesOf(session, await session.order());
    const challenge = challenges.find((one) => one.type === type);
    if (!challenge) return skipped(`the CA offers no ${type}`);
    const { token } = challenge;
    const right = typeof token === 'string' && /^[A-Za-z0-9_-]{22,}$/.test(token);
    return expectThat(right, `The token is ${JSON.stringify(token ?? null)}.`);
  };
}

/** Shortens the token of a type in the order that checks share, whose challenges nobody answers. */
function shortenToken(type: string): Deviation['apply'] {
  return changeAuthorizations(
    ({ value }) => String(value).startsWith('shared.'),
    (authorization) => ({
      ...authorization,
      challenges: ((authorization.challenges ?? []) as readonly JsonObject[]).map((one) =>
        one.type === type ? { ...one, token: String(one.token).slice(0, 8) } : one,
      ),
    }),
  );
}

/** The answer to the response `{}` of an honest client; null if none can be given here. */
async function honestResponse(session: AcmeSession): Promise<{ type: string; answer: HttpAnswer } | null> {
  const { responders, withoutIssuance } = session.options;
  const [type] = responders === undefined || withoutIssuance !== undefined ? [] : answerableTypes(responders);
  if (type === undefined) return null;
  try {
    return { type, answer: (await honestAttempt(session, type)).response };
  } catch (error) {
    if (error instanceof RefusedResponse) return { type, answer: error.response };
    if (error instanceof UnmetNeed) return null;
    throw error;
  }
}

const common = { rfc: 8555, profile: 'standard' } as const;

export const respondingToChallenges = group(29, 'Responding to challenges', {
  runs: 'challenges',
  checks: [
    // RFC 8555 section 8: Every challenge has a type, a URL and a status.
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
          `${challenges.length - wrong.length} of ${challenges.length} challenges have type, url and status: ${types}.`,
        );
      },
    },
    // RFC 8555 section 8.3: A token has at least 128 bits of entropy, in base64url without padding.
    {
      ...standard,
      id: 'http-01-token',
      section: '8.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The http-01 token is base64url without padding, long enough for 128 bits.',
      run: tokenOf('http-01'),
    },
    // RFC 8555 section 8.4: A token has at least 128 bits of entropy, in base64url without padding.
    {
      ...standard,
      id: 'dns-01-token',
      feature: 'dns-01',
      section: '8.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The dns-01 token is base64url without padding, long enough for 128 bits.',
      run: tokenOf('dns-01'),
    },
    // RFC 8737 section 3: A token has at least 128 bits of entropy, in base64url.
    {
      ...standard,
      rfc: 8737,
      id: 'tls-alpn-01-token',
      feature: 'tls-alpn-01',
      section: '3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The tls-alpn-01 token is base64url without padding, long enough for 128 bits.',
      run: tokenOf('tls-alpn-01'),
    },
    // RFC 8555 section 7.1: From a challenge a link "up" leads to its authorization.
    {
      ...standard,
      id: 'challenge-links-up',
      section: '7.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'A challenge links to its authorization with the relation "up".',
      async run(session) {
        const order = await session.order();
        const [challenge] = await challengesOf(session, order);
        const answer = await session.read(order.account, urlOf(challenge));
        if (!succeeded(answer))
          return expectThat(false, `The CA answered POST-as-GET of the challenge with ${inWords(answer)}.`, answer);
        const up = links(answer, 'up');
        return expectThat(
          up.includes(session.authorizationOf(order)),
          `The answer to POST-as-GET has these links "up": ${JSON.stringify(up)}.`,
        );
      },
    },
    // RFC 8555 section 6.3: POST-as-GET only reads. The client asks for the validation with the payload {}.
    {
      ...standard,
      id: 'reading-a-challenge-starts-nothing',
      section: '6.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'POST-as-GET of a challenge does not start the validation.',
      async run(session) {
        const order = await session.anotherOrder(await session.account(), 'only-read');
        const [challenge] = await challengesOf(session, order);
        needsPending(challenge);
        const answer = await session.read(order.account, urlOf(challenge));
        const [after] = await challengesOf(session, order);
        if (!succeeded(answer)) return expectThat(false, `The CA answered ${inWords(answer)}.`, answer);
        const known = ' (cert-manager issue 3777)';
        const right = jsonObject(answer)?.status === 'pending' && after?.status === 'pending';
        return expectThat(
          right,
          `After the read, the challenge is ${JSON.stringify(after?.status ?? null)}${right ? '' : known}.`,
        );
      },
    },
    // RFC 8555 section 7.5.1: The answer to the response is the challenge object.
    {
      ...standard,
      id: 'challenge-response',
      section: '7.5.1',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The CA answers the response {} to a challenge with 200 and the challenge.',
      async run(session) {
        // A CA that validates at once may answer with the failure, so the response to a challenge that can succeed counts.
        const { type, answer } = (await honestResponse(session)) ?? (await wrongResponse(session));
        const right = answer.status === 200 && jsonObject(answer)?.type === type;
        return expectThat(right, `The CA answered the response {} to ${type} with ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.5.1: The server ignores fields of a response that the type of challenge does not have.
    {
      ...common,
      id: 'challenge-response-with-unknown-field',
      runs: 'progress',
      section: '7.5.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA ignores an unknown field in the response to a challenge.',
      async run(session) {
        const type = await workingType(session);
        const account = await session.account();
        const order = await session.anotherOrder(account, this.id);
        const authorization = await readAuthorization(session, account, session.authorizationOf(order));
        needsPending(authorization.challenges.find((one) => one.type === type));
        const { url, token } = challengeOf(authorization, type);
        await using _ = await present(session.responders, type, { host: hostOf(authorization), token, account });
        const answer = await session.post({ url, by: account, payload: { padlockUnknown: true }, repeats: true });
        const { object } = succeeded(answer) ? await decided(session, account, authorization.url) : authorization;
        if (object.status === 'valid') session.rememberValid(account, authorization.url);
        return expectThat(succeeded(answer), `The CA answered the response with ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 8: The field validated is required in a valid challenge.
    {
      ...common,
      id: 'valid-challenge-says-when',
      runs: 'progress',
      section: '8',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A valid challenge has the time of its validation, in RFC 3339 form.',
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
    // RFC 8555 section 8: The response must come from the account that holds the authorization.
    {
      ...common,
      id: 'challenge-response-of-a-stranger',
      runs: 'progress',
      section: '8',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The CA refuses a challenge response from another account and starts no validation.',
      async run(session) {
        const account = await session.account();
        const order = await session.anotherOrder(account, this.id);
        const url = session.authorizationOf(order);
        const [challenge] = (await readAuthorization(session, account, url)).challenges;
        const challengeUrl = challenge?.url;
        if (typeof challengeUrl !== 'string' || !URL.canParse(challengeUrl)) {
          throw new UnmetNeed('the authorization has no challenge with a URL');
        }
        needsPending(challenge);
        const answer = await session.post({ url: challengeUrl, by: await session.stranger(), payload: {} });
        const after = await readAuthorization(session, account, url);
        const status = after.challenges.find((one) => one.url === challengeUrl)?.status;
        return expectThat(
          answer.status >= 400 && answer.status < 500 && status === 'pending',
          `The CA answered ${inWords(answer)}; after that the challenge is ${JSON.stringify(status ?? null)}.`,
          answer,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'challenge-without-url',
      describes: 'An authorization has an additional challenge without url and status.',
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
      name: 'short-dns-01-token',
      describes: 'The dns-01 token has fewer than 128 bits.',
      rfc: 8555,
      section: '8.4',
      breaks: ['dns-01-token'],
      apply: shortenToken('dns-01'),
    },
    {
      name: 'short-tls-alpn-01-token',
      describes: 'The tls-alpn-01 token has fewer than 128 bits.',
      rfc: 8737,
      section: '3',
      breaks: ['tls-alpn-01-token'],
      apply: shortenToken('tls-alpn-01'),
    },
    {
      name: 'unknown-field-in-response-refused',
      describes: 'A response to a challenge with an unknown field is refused.',
      rfc: 8555,
      section: '7.5.1',
      breaks: ['challenge-response-with-unknown-field'],
      apply: (request, forward, conversation) => {
        const { payload = '', fields = {} } = readSigned(request) ?? {};
        const isUnknown = conversation.isFor(request, 'challenge') && payload !== '' && Object.keys(fields).length > 0;
        return isUnknown ? conversation.problem(400, 'malformed', 'unknown field') : forward(request);
      },
    },
    {
      name: 'short-token',
      describes: 'The http-01 token has fewer than 128 bits.',
      rfc: 8555,
      section: '8.3',
      // The CA behind expects the whole token, so http-01 always fails.
      breaks: ['http-01-token', 'http-01-request'],
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
      describes: 'POST-as-GET of a challenge starts the validation.',
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
      describes: 'A valid challenge has no time of validation.',
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
      describes: 'A challenge response is accepted from any account.',
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
