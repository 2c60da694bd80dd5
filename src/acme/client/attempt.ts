import { inWords, jsonObject, retryAfterSeconds, succeeded } from './answer.ts';
import {
  type Authorization,
  authorizationsOf,
  type Challenge,
  decided,
  keyAuthorization,
  RefusedRead,
  readAuthorization,
  readUntil,
  TookTooLong,
} from './authorization.ts';
import { oncePerSession } from './once-per-session.ts';
import { hostOf, present, type SolvableType } from './present.ts';
import type { Responders } from './responders.ts';
import { type Account, type AcmeSession, type Order, UnmetNeed } from './session.ts';
import type { HttpAnswer } from './transport.ts';
import { watchDelay } from './watch-delay.ts';

/** The CA refused the response `{}` to a challenge (RFC 8555 section 7.5.1). */
export class RefusedResponse extends UnmetNeed {
  readonly response: HttpAnswer;

  constructor(type: string, response: HttpAnswer) {
    super(`the CA refused the response to the ${type} challenge: ${inWords(response)}`, { status: response.status });
    this.response = response;
  }
}

/** What an answer to a challenge needs. */
export interface ToAnswer {
  /** The identifier's value. */
  readonly host: string;
  /** Empty where the challenge has none. */
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
  /** The answer to the response `{}`. */
  readonly response: HttpAnswer;
  /** Whether this machine may have answered the CA too late: a failure then says nothing about the CA. */
  readonly isLate: boolean;
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
  using delay = watchDelay();
  const since = new Date();
  const response = await session.post({ url, by: account, payload: {}, repeats: true });
  // A CA that validates before it answers may answer with the failure. Some leave the challenge pending for another try.
  const isEnded = !succeeded(response);
  if (isEnded) {
    const isFailure = validationErrors.has(problemType(jsonObject(response)) ?? '');
    const place = { account, authorization: before.url, challenge: url };
    if (!(await isDecided(session, place)) && !isFailure) throw new RefusedResponse(type, response);
  }
  const retryAfters = [retryAfterSeconds(response, session.now())];
  const decision = {
    ...(request.stalledReads === undefined ? {} : { stalledReads: request.stalledReads }),
    whilePending(answer: HttpAnswer) {
      retryAfters.push(retryAfterSeconds(answer, session.now()));
      request.whilePending?.(to);
    },
  };
  const authorization = isEnded
    ? await readAuthorization(session, account, before.url)
    : await decided(session, account, before.url, decision);
  const after = authorization.challenges.find((one) => one.url === url) ?? challenge;
  const isValid = authorization.object.status === 'valid';
  const isLate = delay.isLate();
  if (isValid) session.rememberValid(account, authorization.url);
  const errorType = problemType(after.error ?? (succeeded(response) ? undefined : jsonObject(response)));
  return {
    ...{
      host,
      account,
      order,
      authorization,
      challenge: after,
      token,
      since,
      isValid,
      errorType,
      retryAfters,
      response,
      isLate,
    },
    outcome: `${outcomeOf(authorization, after, errorType)}${isLate && !isValid ? '; this machine was so busy that it may have answered too late' : ''}`,
  };
}

/** The types of errors of failed validations (RFC 8555 section 6.7). */
const validationErrors: ReadonlySet<string> = new Set([
  ...['caa', 'connection', 'dns', 'incorrectResponse', 'rejectedIdentifier', 'tls', 'unauthorized'],
]);

/** How long a decision may take after an answer that tells it. */
const decidesWithinSeconds = 3;

/** Whether a CA has decided on a challenge whose response it answered with an error. */
export async function isDecided(
  session: AcmeSession,
  place: { readonly account: Account; readonly authorization: string; readonly challenge: string },
): Promise<boolean> {
  const { account, authorization: url, challenge } = place;
  const what = 'the end of a validation whose response was answered with an error';
  try {
    await readUntil(
      session,
      { account, url, what, withinSeconds: decidesWithinSeconds },
      (_, { status, challenges }) => {
        const all = (Array.isArray(challenges) ? challenges : []) as readonly (Challenge | null)[];
        const isEnd = (one: unknown) => one === 'invalid' || one === 'valid';
        return isEnd(status) || all.some((one) => one?.url === challenge && isEnd(one?.status));
      },
    );
    return true;
  } catch (error) {
    if (error instanceof TookTooLong || error instanceof RefusedRead) return false;
    throw error;
  }
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

/** The honest attempt by the first type that works here. @throws UnmetNeed if none does */
export async function anyHonestAttempt(session: AcmeSession): Promise<Attempt> {
  return honestAttempt(session, await workingType(session));
}

/** @throws UnmetNeed if the CA refuses even an honest client: then its other refusals say nothing */
export async function needSuccess(session: AcmeSession, type: SolvableType): Promise<void> {
  const { isValid, outcome } = await honestAttempt(session, type);
  if (!isValid) throw new UnmetNeed(`this CA does not validate ${type} here: an honest answer became ${outcome}`);
}

/** The types that the run can answer, in the order in which they are tried. */
export function answerableTypes({ http, dns, tlsAlpn }: Responders): readonly SolvableType[] {
  return [
    ...(http === null ? [] : (['http-01'] as const)),
    ...(dns === null ? [] : (['dns-01'] as const)),
    ...(tlsAlpn === null ? [] : (['tls-alpn-01'] as const)),
  ];
}

/** The types of errors of a CA that got no answer (RFC 8555 section 6.7): a slow network may be the reason. */
export const unreached: ReadonlySet<string | null> = new Set(['connection', 'dns']);

/** Whether the CA validates here, and by what. */
export interface Reach {
  /** The types that made an honest order valid. */
  readonly working: readonly SolvableType[];
  /** Of each type that did not: why, in words. */
  readonly reasons: readonly string[];
  /** Whether something of the CA arrived, so that it is not out of reach. */
  readonly hasArrived: boolean;
  /** Whether the CA refused a right answer, or the response to a challenge: that is a fault of the CA. */
  readonly isRefused: boolean;
}

/**
 * Which of the types that can be answered here work, once per run. The first that works ends the search, as the checks of each
 * type look at the others.
 */
export const reachOf = oncePerSession(async (session): Promise<Reach> => {
  const reasons: string[] = [];
  let hasArrived = false;
  let isRefused = false;
  for (const type of answerableTypes(session.responders)) {
    try {
      const made = await honestAttempt(session, type);
      if (made.isValid) return { working: [type], reasons, hasArrived: true, isRefused };
      const arrived = arrivals(session.responders, type, made);
      // A hook sees no queries.
      const isKnown = type !== 'dns-01' || session.responders.dns?.isOwn === true;
      if (arrived > 0) {
        hasArrived = true;
        // The CA may have got no answer in time, from a busy machine or through a slow network.
        const isJudged = !unreached.has(made.errorType) && !made.isLate;
        if (isJudged && isAnswered(session.responders, type, made)) isRefused = true;
      }
      const seen = !isKnown
        ? ''
        : arrived === 0
          ? `; nothing of the CA arrived ${placeOf(session.responders, type)}`
          : '';
      reasons.push(`${type}: the authorization became ${made.outcome}${seen}`);
    } catch (error) {
      if (!(error instanceof UnmetNeed)) throw error;
      if (error instanceof RefusedResponse) isRefused = true;
      reasons.push(`${type}: ${error.message}`);
    }
  }
  return { working: [], reasons, hasArrived, isRefused };
});

/** Whether the CA got the whole answer: a handshake may have ended before. */
function isAnswered({ tlsAlpn }: Responders, type: SolvableType, made: Attempt): boolean {
  return type !== 'tls-alpn-01' || seenSince(tlsAlpn?.connections(made.host) ?? [], made).length > 0;
}

/** How many requests, queries or client hellos an attempt caused. */
function arrivals({ http, dns, tlsAlpn }: Responders, type: SolvableType, made: Attempt): number {
  if (type === 'http-01') return seenSince(http?.requests(made.host) ?? [], made).length;
  if (type === 'dns-01') return seenSince(dns?.queries(`_acme-challenge.${made.host}`) ?? [], made).length;
  return seenSince(tlsAlpn?.hellos(made.host) ?? [], made).length;
}

function placeOf({ http, dns, tlsAlpn }: Responders, type: SolvableType): string {
  if (type === 'http-01')
    return `at port ${http?.port ?? ''} here (--http-port), which the CA must reach as port 80 of the name`;
  if (type === 'tls-alpn-01') {
    return `at port ${tlsAlpn?.port ?? ''} here (--tls-port), which the CA must reach as port 443 of the name`;
  }
  return `${dns === null || !('port' in dns) ? 'here' : `at port ${String(dns.port)} here`} (--dns): delegate the domain to it, or make it the CA's resolver`;
}

/** The first type that works here. @throws UnmetNeed if none does; the reasons are among the problems of the run */
export const workingType = oncePerSession(async (session): Promise<SolvableType> => {
  const { working, reasons } = await reachOf(session);
  const [type] = working;
  if (type !== undefined) return type;
  session.lack(`the CA validates nothing here. ${reasons.join('. ')}`);
  throw new UnmetNeed('the CA validates nothing here: see the beginning of the report');
});
