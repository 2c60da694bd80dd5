import { inWords, jsonObject, retryAfterSeconds, succeeded } from './answer.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from './session.ts';
import type { HttpAnswer } from './transport.ts';

/** A challenge object (RFC 8555 section 7.1.5) as the CA sent it: nothing in it is taken for granted. */
export type Challenge = Readonly<Record<string, unknown>>;

/** An authorization (RFC 8555 section 7.1.4) as it was read. */
export interface Authorization {
  readonly url: string;
  readonly answer: HttpAnswer;
  readonly object: Readonly<Record<string, unknown>>;
  readonly challenges: readonly Challenge[];
}

/** @throws UnmetNeed where the CA sends no authorization object */
export async function readAuthorization(session: AcmeSession, account: Account, url: string): Promise<Authorization> {
  return authorizationIn(await session.read(account, url), url);
}

function authorizationIn(answer: HttpAnswer, url: string): Authorization {
  const object = jsonObject(answer);
  if (!succeeded(answer) || object === null) {
    throw new UnmetNeed(`the authorization could not be read: ${inWords(answer)}`);
  }
  const challenges: readonly unknown[] = Array.isArray(object.challenges) ? object.challenges : [];
  return {
    url,
    answer,
    object,
    challenges: challenges.filter((one): one is Challenge => typeof one === 'object' && one !== null),
  };
}

/** All authorizations of an order. */
export function authorizationsOf(session: AcmeSession, order: Order): Promise<readonly Authorization[]> {
  return Promise.all(order.authorizations.map((url) => readAuthorization(session, order.account, url)));
}

/** @throws UnmetNeed where the authorization offers none of this type, or one without URL or token */
export function challengeOf(
  authorization: Authorization,
  type: string,
): { readonly url: string; readonly token: string } {
  const challenge = authorization.challenges.find((one) => one.type === type);
  if (!challenge) {
    const offered = authorization.challenges.map((one) => String(one.type)).join(', ');
    throw new UnmetNeed(`the CA offers no ${type} here, but ${offered === '' ? 'nothing' : offered}`);
  }
  const { url, token } = challenge;
  if (typeof url !== 'string' || !URL.canParse(url) || typeof token !== 'string') {
    throw new UnmetNeed(`the ${type} challenge has no URL and token`);
  }
  return { url, token };
}

/** RFC 8555 section 8.1. */
export function keyAuthorization(token: string, account: Account): string {
  return `${token}.${account.key.thumbprint}`;
}

/** How long a CA may take for one step: from the response to a final status, or from finalize to a certificate. */
export const stepWithinSeconds = 90;
/** Where the CA does not say when to come back. */
const defaultPauseSeconds = 1;
const longestPauseSeconds = 15;

/**
 * Reads a resource until it is as wanted, in the pace that its Retry-After asks for (RFC 8555 section 7.5.1).
 *
 * @throws UnmetNeed which says what was last seen, where it is not so within the time limit
 */
export async function readUntil(
  session: AcmeSession,
  { account, url, what, withinSeconds = stepWithinSeconds }: ReadUntil,
  isWanted: (answer: HttpAnswer, object: Readonly<Record<string, unknown>>) => boolean,
): Promise<HttpAnswer> {
  let waited = 0;
  for (;;) {
    const answer = await session.read(account, url);
    const object = jsonObject(answer) ?? {};
    if (isWanted(answer, object)) return answer;
    if (!succeeded(answer))
      throw new UnmetNeed(`${what} could not be waited for: a read was answered ${inWords(answer)}`);
    if (waited >= withinSeconds) {
      const seen = `status ${JSON.stringify(object.status ?? null)}`;
      throw new UnmetNeed(`${what} did not come about within ${withinSeconds} s; last seen: ${seen}`);
    }
    const pause = Math.min(Math.max(retryAfterSeconds(answer) ?? defaultPauseSeconds, 0.2), longestPauseSeconds);
    await session.waitFor(pause);
    waited += pause;
  }
}

export interface ReadUntil {
  readonly account: Account;
  readonly url: string;
  /** What is waited for, e.g. `the end of the validation`. */
  readonly what: string;
  readonly withinSeconds?: number;
}

/**
 * Whether nothing more comes of the responses to the challenges of a pending authorization by itself: one has an error or is
 * invalid, and none is being validated. RFC 8555 section 8.2 has a challenge `processing` as long as the server tries; one
 * that is `pending` with an error waits for the client to respond again.
 */
function isStalled({ challenges }: Readonly<Record<string, unknown>>): boolean {
  const all = (Array.isArray(challenges) ? challenges : []) as readonly (Challenge | null)[];
  const stalled = all.some(
    (one) => one?.status === 'invalid' || (one?.status === 'pending' && one.error !== undefined),
  );
  return stalled && !all.some((one) => one?.status === 'processing' || one?.status === 'valid');
}

export interface DecisionRequest {
  /** Told after each read while it is not decided. */
  readonly whilePending?: (answer: HttpAnswer) => void;
  /** In how many reads in a row a failed challenge of a pending authorization must be seen to be taken for the end. */
  readonly stalledReads?: number;
}

/** A CA may write the challenge before the authorization, or try again though it does not say `processing`. */
const defaultStalledReads = 5;

/** Waits until an authorization is decided: any status but `pending`, or a challenge that failed and stays so. */
export async function decided(
  session: AcmeSession,
  account: Account,
  url: string,
  { whilePending, stalledReads = defaultStalledReads }: DecisionRequest = {},
): Promise<Authorization> {
  const what = `a decision on the authorization ${url}`;
  let stalled = 0;
  const last = await readUntil(session, { account, url, what }, (answer, object) => {
    if (object.status !== 'pending') return object.status !== undefined;
    whilePending?.(answer);
    stalled = isStalled(object) ? stalled + 1 : 0;
    return stalled >= stalledReads;
  });
  return authorizationIn(last, url);
}
