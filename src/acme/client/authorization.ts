import { inWords, jsonObject, retryAfterSeconds, succeeded } from './answer.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from './session.ts';
import type { HttpAnswer } from './transport.ts';

/** A challenge object (RFC 8555 section 7.1.5) as the CA sent it. Its fields may have any type. */
export type Challenge = Readonly<Record<string, unknown>>;

/** An authorization (RFC 8555 section 7.1.4) as the CA sent it. */
export interface Authorization {
  readonly url: string;
  readonly answer: HttpAnswer;
  readonly object: Readonly<Record<string, unknown>>;
  readonly challenges: readonly Challenge[];
}

/** @throws UnmetNeed if the CA sends no authorization object */
export async function readAuthorization(session: AcmeSession, account: Account, url: string): Promise<Authorization> {
  return authorizationIn(await session.read(account, url), url);
}

function authorizationIn(answer: HttpAnswer, url: string): Authorization {
  const object = jsonObject(answer);
  if (!succeeded(answer) || object === null) {
    throw new UnmetNeed(`the CA answered the read of the authorization with ${inWords(answer)}`);
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

/** @throws UnmetNeed if the authorization has no challenge of this type with URL and token */
export function challengeOf(
  authorization: Authorization,
  type: string,
): { readonly url: string; readonly token: string } {
  const challenge = authorization.challenges.find((one) => one.type === type);
  if (!challenge) {
    const offered = authorization.challenges.map((one) => String(one.type)).join(', ');
    throw new UnmetNeed(`the CA offers no ${type} here; it offers ${offered === '' ? 'nothing' : offered}`);
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

/** The CA does not refuse, but takes longer than the run waits. */
export class TookTooLong extends UnmetNeed {}

/** The CA answered the read of a resource that it is processing with an error. */
export class RefusedRead extends UnmetNeed {
  readonly answer: HttpAnswer;

  constructor(what: string, answer: HttpAnswer) {
    super(`while waiting for ${what}, the CA answered a read with ${inWords(answer)}`, { status: answer.status });
    this.answer = answer;
  }
}

/** The pause without a Retry-After. */
const defaultPauseSeconds = 1;
const longestPauseSeconds = 15;

/**
 * Reads a resource until it is in a wanted state, at the pace of its Retry-After (RFC 8555 section 7.5.1).
 *
 * @throws UnmetNeed after the time limit, with what was last seen
 */
export async function readUntil(
  session: AcmeSession,
  { account, url, what, withinSeconds = session.stepSeconds }: ReadUntil,
  isWanted: (answer: HttpAnswer, object: Readonly<Record<string, unknown>>) => boolean | Promise<boolean>,
): Promise<HttpAnswer> {
  let waited = 0;
  for (;;) {
    const answer = await session.read(account, url);
    const object = jsonObject(answer) ?? {};
    if (await isWanted(answer, object)) return answer;
    if (!succeeded(answer)) throw new RefusedRead(what, answer);
    if (waited >= withinSeconds) {
      const seen = `status ${JSON.stringify(object.status ?? null)}`;
      const hint = withinSeconds === session.stepSeconds ? '; --step-timeout sets another limit' : '';
      throw new TookTooLong(`waited ${withinSeconds} s for ${what}; last seen: ${seen}${hint}`);
    }
    const pause = Math.min(
      Math.max(retryAfterSeconds(answer, session.now()) ?? defaultPauseSeconds, 0.2),
      longestPauseSeconds,
    );
    await session.waitFor(pause);
    waited += pause;
  }
}

export interface ReadUntil {
  readonly account: Account;
  readonly url: string;
  /** The wanted state, e.g. `the end of the validation`. */
  readonly what: string;
  readonly withinSeconds?: number;
}

/**
 * Whether a pending authorization makes no more progress by itself: a challenge has an error or is invalid, and none is being
 * validated. By RFC 8555 section 8.2 a challenge is `processing` while the server tries, and one that is `pending` with an
 * error waits for another response of the client.
 */
function isStalled({ challenges }: Readonly<Record<string, unknown>>): boolean {
  const all = (Array.isArray(challenges) ? challenges : []) as readonly (Challenge | null)[];
  const stalled = all.some(
    (one) => one?.status === 'invalid' || (one?.status === 'pending' && one.error !== undefined),
  );
  return stalled && !all.some((one) => one?.status === 'processing' || one?.status === 'valid');
}

export interface DecisionRequest {
  /** Called after each read before the decision. */
  readonly whilePending?: (answer: HttpAnswer) => void | Promise<void>;
  /** After how many consecutive reads a failed challenge of a pending authorization counts as the end. */
  readonly stalledReads?: number;
}

/** A CA may update the challenge before the authorization, or retry without the status `processing`. */
const defaultStalledReads = 5;

/** Waits for the decision on an authorization: any status except `pending`, or a challenge that stays failed. */
export async function decided(
  session: AcmeSession,
  account: Account,
  url: string,
  { whilePending, stalledReads = defaultStalledReads }: DecisionRequest = {},
): Promise<Authorization> {
  const what = `a decision on the authorization ${url}`;
  let stalled = 0;
  const last = await readUntil(session, { account, url, what }, async (answer, object) => {
    if (object.status !== 'pending') return object.status !== undefined;
    await whilePending?.(answer);
    stalled = isStalled(object) ? stalled + 1 : 0;
    return stalled >= stalledReads;
  });
  return authorizationIn(last, url);
}
