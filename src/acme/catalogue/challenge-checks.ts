import { errorType, inWords, jsonObject, links, succeeded } from '../client/answer.ts';
import { type Challenge, decided, readAuthorization } from '../client/authorization.ts';
import { oncePerSession } from '../client/once-per-session.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from '../client/session.ts';
import type { HttpAnswer } from '../client/transport.ts';
import { type CaCheck, expectThat, failed, passed, skipped } from './check.ts';

/** Groups 29 and 33 of the catalogue, as far as they need no issuance: what a challenge says, and one that must fail. */

const standard = { rfc: 8555, profile: 'standard' } as const;

async function challengesOf(session: AcmeSession, order: Order): Promise<readonly Challenge[]> {
  const { answer, challenges } = await readAuthorization(session, order.account, session.authorizationOf(order));
  if (challenges.length === 0) throw new UnmetNeed(`the authorization has no challenges: ${inWords(answer)}`);
  return challenges;
}

function urlOf(challenge: Challenge | undefined): string {
  if (typeof challenge?.url === 'string' && URL.canParse(challenge.url)) return challenge.url;
  throw new UnmetNeed('the challenge has no URL');
}

interface FailedChallenge {
  readonly account: Account;
  readonly order: Order;
  /** To the response `{}`. */
  readonly answer: HttpAnswer;
  /** Once it is final. */
  readonly authorization: Challenge;
  readonly challenge: Challenge;
}

/** One per run: a challenge that is answered with a wrong key authorization, or with nothing where nothing answers http-01. */
const failedChallenge = oncePerSession(makeFailedChallenge);

async function makeFailedChallenge(session: AcmeSession): Promise<FailedChallenge> {
  const account = await session.account();
  const label = 'fails';
  const order = await session.anotherOrder(account, label);
  const offered = (await challengesOf(session, order)).find(({ type }) => type === 'http-01');
  const url = urlOf(offered);
  const { token } = offered ?? {};
  const wrong = { status: 200, body: `${String(token)}.of-nobody` };
  const path = `/.well-known/acme-challenge/${String(token)}`;
  using _ = session.options.responders?.http?.put(session.name(label), path, wrong);
  const answer = await session.post({ url, by: account, payload: {} });
  if (!succeeded(answer)) throw new UnmetNeed(`the CA refused the response to a challenge: ${inWords(answer)}`);
  const { object, challenges } = await decided(session, account, session.authorizationOf(order));
  const challenge = challenges.find((one) => one.url === url);
  if (!challenge) throw new UnmetNeed('the authorization no longer has the challenge that was answered');
  return { account, order, answer, authorization: object, challenge };
}

async function mustBeInvalid(session: AcmeSession): Promise<FailedChallenge> {
  const found = await failedChallenge(session);
  if (found.challenge.status === 'invalid') return found;
  const { status, error } = found.challenge;
  throw new UnmetNeed(
    `the challenge is ${JSON.stringify(status ?? null)}, not invalid, with the error ${JSON.stringify(error ?? null)}`,
  );
}

export const challengeChecks: readonly CaCheck[] = [
  {
    ...standard,
    id: 'challenges-are-complete',
    group: 29,
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
    group: 29,
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
    group: 29,
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
    group: 29,
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
    group: 29,
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
    ...standard,
    id: 'failed-challenge-has-error',
    group: 33,
    section: '8',
    level: 'SHOULD',
    basis: 'keyword',
    asserts: 'A challenge that failed says why in its field error.',
    async run(session) {
      const { challenge } = await mustBeInvalid(session);
      const { type, detail } = (challenge.error ?? {}) as Challenge;
      const right = typeof type === 'string';
      const said = errorType({ status: 400, headers: {}, body: JSON.stringify(challenge.error ?? {}) }) ?? type;
      return right ? passed(`It says ${said}: ${detail}.`) : failed('It has no error with a type.');
    },
  },
  {
    ...standard,
    id: 'challenge-with-error-is-not-pending',
    group: 33,
    section: '8',
    level: 'MUST',
    basis: 'keyword',
    // The text itself allows invalid alone; erratum 5732 (verified) adds processing, as section 8.2 speaks of errors meanwhile.
    asserts: 'A challenge with an error is invalid or, while the CA tries again, processing.',
    async run(session) {
      const { status, error } = (await failedChallenge(session)).challenge;
      if (error === undefined) return skipped('the challenge that was to fail has no error');
      return expectThat(
        status === 'invalid' || status === 'processing',
        `With an error the challenge is ${JSON.stringify(status ?? null)}.`,
      );
    },
  },
  {
    ...standard,
    id: 'failed-challenge-ends-the-order',
    group: 33,
    section: '7.1.6',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'After a challenge failed, its authorization and its order are invalid.',
    async run(session) {
      const { account, order, authorization } = await mustBeInvalid(session);
      const status = jsonObject(await session.read(account, order.url))?.status;
      const right = authorization.status === 'invalid' && status === 'invalid';
      return expectThat(
        right,
        `They are ${JSON.stringify(authorization.status)} and ${JSON.stringify(status ?? null)}.`,
      );
    },
  },
];
