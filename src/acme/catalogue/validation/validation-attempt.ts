import { jsonObject, retryAfterSeconds, succeeded } from '../../client/answer.ts';
import {
  type Authorization,
  authorizationsOf,
  type Challenge,
  decided,
  keyAuthorization,
} from '../../client/authorization.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import type { Responders } from '../../client/responders.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from '../../client/session.ts';
import { hostOf, present, type SolvableType } from '../../client/solve.ts';
import { type CaCheck, type CheckFinding, failed, passed } from '../check.ts';

/** What an answer to a challenge needs. */
export interface ToAnswer {
  /** The identifier's value. */
  readonly host: string;
  /** Empty if the challenge has none. */
  readonly token: string;
  readonly account: Account;
  /** RFC 8555 section 8.1. */
  readonly keyAuthorization: string;
  readonly challenge: Challenge;
  readonly responders: Responders;
}

export interface AttemptRequest {
  /** Makes the name if no identifier is given. Unique in the catalogue. */
  readonly label: string;
  readonly type: string;
  /** Default: a name of its own below the domain. */
  readonly identifier?: { readonly type: 'dns' | 'ip'; readonly value: string };
  /** Puts the answer where the CA looks for it. What it puts on the stack is removed after the decision. */
  readonly answer: (use: AsyncDisposableStack, to: ToAnswer) => Promise<void>;
  /** Called after each read of the authorization before the decision. */
  readonly whilePending?: (to: ToAnswer) => void;
  /** See {@link DecisionRequest}: more than the default gives the CA time to retry. */
  readonly stalledReads?: number;
}

/** How a CA decided on one authorization after some answer to its challenge. */
export interface Attempt {
  readonly host: string;
  readonly account: Account;
  readonly order: Order;
  /** After the decision. */
  readonly authorization: Authorization;
  /** The answered challenge after the decision. */
  readonly challenge: Challenge;
  readonly token: string;
  /** When the challenge was answered. Earlier requests to the responders had another cause. */
  readonly since: Date;
  readonly isValid: boolean;
  /** The type of the challenge's error without ACME's namespace; null without an error. */
  readonly errorType: string | null;
  /** The outcome in a few words: `invalid, unauthorized (no such file)`. */
  readonly outcome: string;
  /** Retry-After of each answer before the decision, in seconds from its arrival; null without one. */
  readonly retryAfters: readonly (number | null)[];
}

const errorNamespace = 'urn:ietf:params:acme:error:';

/** The type of a problem document inside an object, without ACME's namespace. */
export function problemType(problem: unknown): string | null {
  const type = (problem as { readonly type?: unknown } | null | undefined)?.type;
  return typeof type === 'string' ? type.replace(errorNamespace, '') : null;
}

/**
 * Orders one identifier, answers its challenge as requested and waits for the CA's decision.
 *
 * @throws UnmetNeed if the CA refuses on the way, or does not decide in time
 */
export async function attempt(session: AcmeSession, request: AttemptRequest): Promise<Attempt> {
  const { label, type, identifier = { type: 'dns', value: session.name(label) } } = request;
  const { responders } = session;
  const account = await session.account();
  const order = await session.orderOf(account, { identifiers: [identifier] });
  const [before] = await authorizationsOf(session, order);
  if (before === undefined) throw new UnmetNeed('the order has no authorization');
  const challenge = before.challenges.find((one) => one.type === type);
  if (challenge === undefined) {
    const offered = before.challenges.map((one) => String(one.type)).join(', ');
    throw new UnmetNeed(`the CA offers no ${type} here; it offers ${offered === '' ? 'nothing' : offered}`);
  }
  const { url } = challenge;
  if (typeof url !== 'string' || !URL.canParse(url)) throw new UnmetNeed(`the ${type} challenge has no URL`);
  if (challenge.status !== 'pending') {
    throw new UnmetNeed(`the ${type} challenge of a new order is ${JSON.stringify(challenge.status ?? null)} already`);
  }
  const token = typeof challenge.token === 'string' ? challenge.token : '';
  const host = hostOf(before);
  const to = { host, token, account, keyAuthorization: keyAuthorization(token, account), challenge, responders };
  await using use = new AsyncDisposableStack();
  await request.answer(use, to);
  const since = new Date();
  const response = await session.post({ url, by: account, payload: {} });
  if (!succeeded(response)) {
    const type = problemType(jsonObject(response));
    throw new UnmetNeed(`the CA refused the response to a challenge: ${response.status} ${type ?? ''}`);
  }
  const retryAfters = [retryAfterSeconds(response)];
  const authorization = await decided(session, account, before.url, {
    ...(request.stalledReads === undefined ? {} : { stalledReads: request.stalledReads }),
    whilePending(answer) {
      retryAfters.push(retryAfterSeconds(answer));
      request.whilePending?.(to);
    },
  });
  const after = authorization.challenges.find((one) => one.url === url) ?? challenge;
  const isValid = authorization.object.status === 'valid';
  if (isValid) session.rememberValid(account, authorization.url);
  const errorType = problemType(after.error);
  return {
    ...{ host, account, order, authorization, challenge: after, token, since, isValid, errorType, retryAfters },
    outcome: outcomeOf(authorization, after, errorType),
  };
}

function outcomeOf({ object }: Authorization, { status, error }: Challenge, errorType: string | null): string {
  const isPending = object.status === 'pending';
  const parts = [
    isPending ? `not valid: it is still pending, its challenge ${String(status)}` : String(object.status),
    ...(error === undefined ? [] : [`${errorType ?? 'an error without a type'} (${detailOf(error)})`]),
    ...(isPending && status === 'pending'
      ? ['which is for the client to respond to again (RFC 8555 section 8.2)']
      : []),
  ];
  return parts.join(', ');
}

function detailOf(error: unknown): string {
  const detail = (error as { readonly detail?: unknown } | null)?.detail;
  return String(detail ?? 'no detail').slice(0, 200);
}

/** An attempt that several checks share, made once per run. */
export function sharedAttempt(request: AttemptRequest): (session: AcmeSession) => Promise<Attempt> {
  return oncePerSession((session) => attempt(session, request));
}

/** A {@link trial} that several checks share, made once per run. */
export function sharedTrial(request: TrialRequest): (session: AcmeSession) => Promise<Attempt> {
  return oncePerSession((session) => trial(session, request));
}

type TrialRequest = AttemptRequest & { readonly type: SolvableType };

/**
 * Tries an answer that is not the usual one.
 *
 * @throws UnmetNeed if the usual answer does not validate here: then the outcome of this one says nothing
 */
export async function trial(session: AcmeSession, request: TrialRequest): Promise<Attempt> {
  await needSuccess(session, request.type);
  return attempt(session, request);
}

/**
 * The `run` of a check that the CA accepts an answer. The id of the check is the label of its name.
 *
 * @param answered what was answered, as the beginning of a sentence: `A body with a line feed at its end`
 */
export function accepts(type: SolvableType, answered: string, answer: AttemptRequest['answer']): CaCheck['run'] {
  return async function (this: Pick<CaCheck, 'id'>, session) {
    return expectValid(await trial(session, { label: this.id, type, answer }), answered);
  };
}

/** As {@link accepts}, for an answer that the CA must refuse. */
export function refuses(type: SolvableType, answered: string, answer: AttemptRequest['answer']): CaCheck['run'] {
  return async function (this: Pick<CaCheck, 'id'>, session) {
    return expectRefused(await trial(session, { label: this.id, type, answer }), answered);
  };
}

/** The requests to a responder that an attempt caused. */
export function seenSince<Seen extends { readonly at: Date }>(
  seen: readonly Seen[],
  { since }: Attempt,
): readonly Seen[] {
  return seen.filter(({ at }) => at >= since);
}

/** The answer of an honest client. */
export function honest(type: SolvableType): AttemptRequest['answer'] {
  return async (use, { host, token, account, responders }) => {
    use.use(await present(responders, type, { host, token, account }));
  };
}

const honestAttempts: Readonly<Record<SolvableType, (session: AcmeSession) => Promise<Attempt>>> = {
  'http-01': sharedAttempt({ label: 'http-01-honest', type: 'http-01', answer: honest('http-01') }),
  'dns-01': sharedAttempt({ label: 'dns-01-honest', type: 'dns-01', answer: honest('dns-01') }),
  'tls-alpn-01': sharedAttempt({ label: 'tls-alpn-01-honest', type: 'tls-alpn-01', answer: honest('tls-alpn-01') }),
};

/** The attempt of an honest client, once per run. It is valid if the CA conforms and can reach the probe. */
export function honestAttempt(session: AcmeSession, type: SolvableType): Promise<Attempt> {
  return honestAttempts[type](session);
}

/** The honest attempt by the first type that can be answered here. @throws UnmetNeed if it fails */
export async function anyHonestAttempt(session: AcmeSession): Promise<Attempt> {
  const { http, dns } = session.responders;
  const type: SolvableType = http !== null ? 'http-01' : dns !== null ? 'dns-01' : 'tls-alpn-01';
  await needSuccess(session, type);
  return honestAttempt(session, type);
}

/** @throws UnmetNeed if the CA refuses even an honest client: then its other refusals say nothing */
export async function needSuccess(session: AcmeSession, type: SolvableType): Promise<void> {
  const { isValid, outcome } = await honestAttempt(session, type);
  if (!isValid) throw new UnmetNeed(`this CA does not validate ${type} here: an honest answer became ${outcome}`);
}

/** @param answered what was answered, as a beginning of a sentence: `A body with a line feed at its end` */
export function expectValid({ isValid, outcome }: Attempt, answered: string): CheckFinding {
  return (isValid ? passed : failed)(`${answered} made the authorization ${outcome}.`);
}

/** @param answered what was answered, as a beginning of a sentence: `The key authorization of another account` */
export function expectRefused({ isValid, outcome }: Attempt, answered: string): CheckFinding {
  return (isValid ? failed : passed)(`${answered} made the authorization ${outcome}.`);
}

/** Whether the error of a failed validation has one of the types that RFC 8555 section 6.7 intends for it. */
export function expectErrorType(
  { isValid, errorType, outcome }: Attempt,
  failure: string,
  types: readonly string[],
): CheckFinding {
  if (isValid) throw new UnmetNeed(`${failure} did not make the validation fail`);
  const right = errorType !== null && types.includes(errorType);
  return (right ? passed : failed)(`${failure} made the authorization ${outcome}.`);
}
