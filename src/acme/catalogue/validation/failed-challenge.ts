import { inWords, succeeded } from '../../client/answer.ts';
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

/** A challenge that the client answered wrongly. */
export interface FailedChallenge {
  readonly account: Account;
  readonly order: Order;
  /** The answer to the response `{}`. */
  readonly answer: HttpAnswer;
  /** After the decision. */
  readonly authorization: Challenge;
  readonly challenge: Challenge;
}

/** An http-01 challenge answered with a wrong key authorization, or not at all where no HTTP responder runs; once per run. */
export const failedChallenge = oncePerSession(makeFailedChallenge);

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
