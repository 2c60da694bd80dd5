import { inWords } from '../client/answer.ts';
import { readAuthorization } from '../client/authorization.ts';
import { type AcmeSession, UnmetNeed } from '../client/session.ts';
import { need, type SolvableType } from '../client/solve.ts';
import type { HttpReply } from '../responders/responders.ts';
import { type CaCheck, expectThat, failed, passed } from './check.ts';
import { type Attempt, attempt, expectValid, honestAttempt, needSuccess, seenSince } from './validation-attempt.ts';

/** Groups 29 and 33 of the catalogue: what a CA says of a validation while it is at work, and after it. */

const common = { rfc: 8555, profile: 'standard' } as const;

/** The attempt of an honest client by the first type that can be answered here. */
async function anyHonestAttempt(session: AcmeSession): Promise<Attempt> {
  const { http, dns } = session.responders;
  const type: SolvableType = http !== null ? 'http-01' : dns !== null ? 'dns-01' : 'tls-alpn-01';
  await needSuccess(session, type);
  return honestAttempt(session, type);
}

/** A client that is told to come back later than this gives up before (cert-manager issue 5690: 86400). */
const longestRetryAfterSeconds = 600;

/** How often a challenge that failed is read, a second or more apart, for a CA to try again though it does not say so. */
const readsForRetry = 30;

export const validationProgressChecks: readonly CaCheck[] = [
  {
    ...common,
    id: 'valid-challenge-says-when',
    group: 29,
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
    group: 29,
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
  {
    ...common,
    id: 'validation-retry-after',
    group: 33,
    section: '8.2',
    level: 'SHOULD',
    basis: 'statement',
    asserts: 'While the CA validates, Retry-After says a time that a client can wait.',
    async run(session) {
      const { retryAfters } = await anyHonestAttempt(session);
      const said = retryAfters.filter((seconds) => seconds !== null);
      if (said.length === 0) return passed(`None of ${retryAfters.length} answers while it validated had Retry-After.`);
      const longest = Math.max(...said);
      const message = `Of ${retryAfters.length} answers while it validated ${said.length} had Retry-After, at most ${longest} s`;
      return longest <= longestRetryAfterSeconds
        ? passed(`${message}.`)
        : failed(`${message} (cert-manager issue 5690: it then waits as long).`);
    },
  },
  {
    ...common,
    id: 'failed-query-is-retried',
    group: 33,
    section: '8.2',
    level: 'SHOULD',
    basis: 'keyword',
    profile: 'exhaustive',
    asserts: 'Where the first validation query fails, the CA tries again after some time.',
    async run(session) {
      await needSuccess(session, 'http-01');
      const http = need(session.responders.http, 'http-01', '--http-port');
      const path = (token: string) => `/.well-known/acme-challenge/${token}`;
      const late: HttpReply = { status: 404, body: 'not yet' };
      const found = await attempt(session, {
        label: this.id,
        type: 'http-01',
        stalledReads: readsForRetry,
        answer: async (use, { host, token }) => void use.use(http.put(host, path(token), late)),
        // What was put here is taken away by the one above.
        whilePending({ host, token, keyAuthorization }) {
          const isAsked = http.requests(host).some((request) => request.path === path(token));
          if (isAsked) http.put(host, path(token), { status: 200, body: keyAuthorization });
        },
      });
      const requests = seenSince(http.requests(found.host), found).length;
      return expectValid(found, `A right answer after the first query had failed (${requests} queries came)`);
    },
  },
];
