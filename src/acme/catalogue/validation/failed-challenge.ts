import { inWords, succeeded } from '../../client/answer.ts';
import { isDecided, RefusedResponse } from '../../client/attempt.ts';
import { type Challenge, decided, readAuthorization } from '../../client/authorization.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from '../../client/session.ts';
import type { HttpAnswer } from '../../client/transport.ts';

/** @throws UnmetNeed if the authorization has no challenges */
export async function challengesOf(session: AcmeSession, order: Order): Promise<readonly Challenge[]> {
  const { answer, challenges } = await readAuthorization(session, order.account, session.authorizationOf(order));
  if (challenges.length === 0) throw new UnmetNeed(`the authorization has no challenges: ${inWords(answer)}`);
  return challenges;
}

/** @throws UnmetNeed if the challenge has no URL */
export function urlOf(challenge: Challenge | undefined): string {
  if (typeof challenge?.url === 'string' && URL.canParse(challenge.url)) return challenge.url;
  throw new UnmetNeed('the challenge has no URL');
}

/** @throws UnmetNeed if the CA has decided already, as it may where it reuses authorizations */
export function needsPending(challenge: Challenge | undefined): void {
  const { status } = challenge ?? {};
  if (status !== 'pending') {
    throw new UnmetNeed(`the challenge of a new order is ${JSON.stringify(status ?? null)} already`);
  }
}

/** The CA no longer shows a challenge that failed. */
export class ChallengeGone extends UnmetNeed {
  constructor(authorization: Challenge) {
    super(
      `the authorization is ${JSON.stringify(authorization.status ?? null)} and no longer has the challenge that was answered`,
    );
  }
}

/** A challenge that the client answered wrongly. */
export interface FailedChallenge {
  readonly account: Account;
  readonly order: Order;
  readonly type: string;
  /** The answer to the response `{}`. */
  readonly answer: HttpAnswer;
  /** After the decision. */
  readonly authorization: Challenge;
  readonly challenge: Challenge;
  /** The challenge as it was read while the CA was deciding. */
  readonly whileDeciding: readonly HttpAnswer[];
  /** The answers to the reads of the authorization, up to the decision. */
  readonly reads: readonly HttpAnswer[];
}

interface WrongResponse extends Pick<FailedChallenge, 'account' | 'order' | 'type' | 'answer'> {
  readonly url: string;
  /** Ends the wrong answer at the responder. */
  readonly remove: Disposable | undefined;
}

/** An http-01 challenge answered with a wrong key authorization, or not at all where there is none; once per run. */
export const wrongResponse = oncePerSession(async (session): Promise<WrongResponse> => {
  const account = await session.account();
  const label = 'fails';
  const order = await session.anotherOrder(account, label);
  const challenges = await challengesOf(session, order);
  const byType = (wanted: string) => challenges.find(({ type }) => type === wanted);
  const offered = byType('http-01') ?? byType('dns-01') ?? byType('tls-alpn-01') ?? challenges[0];
  const url = urlOf(offered);
  needsPending(offered);
  const { token, type } = offered ?? {};
  const wrong = { status: 200, body: `${String(token)}.of-nobody` };
  const path = `/.well-known/acme-challenge/${String(token)}`;
  const remove = session.options.responders?.http?.put(session.name(label), path, wrong);
  const answer = await session.post({ url, by: account, payload: {}, repeats: true });
  return { account, order, type: String(type), url, answer, remove };
});

/** How often a challenge is read while the CA decides. */
const mostReads = 6;

/** The decision on that challenge; once per run. */
export const failedChallenge = oncePerSession(async (session): Promise<FailedChallenge> => {
  const { url, remove, ...made } = await wrongResponse(session);
  using _ = remove;
  const { account, order, answer, type } = made;
  const authorization = session.authorizationOf(order);
  if (!succeeded(answer) && !(await isDecided(session, { account, authorization, challenge: url }))) {
    throw new RefusedResponse(type, answer);
  }
  const whileDeciding: HttpAnswer[] = [];
  const reads: HttpAnswer[] = [];
  const {
    answer: last,
    object,
    challenges,
  } = await decided(session, account, session.authorizationOf(order), {
    async whilePending(read) {
      reads.push(read);
      if (whileDeciding.length < mostReads) whileDeciding.push(await session.read(account, url));
    },
  });
  const challenge = challenges.find((one) => one.url === url);
  if (!challenge) throw new ChallengeGone(object);
  return { ...made, authorization: object, challenge, whileDeciding, reads: [...reads, last] };
});
