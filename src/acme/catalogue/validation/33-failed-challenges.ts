import { errorType, header, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { type AttemptRequest, anyHonestAttempt, attempt, needSuccess, seenSince } from '../../client/attempt.ts';
import { type Challenge, RefusedRead } from '../../client/authorization.ts';
import { need } from '../../client/present.ts';
import type { HttpReply } from '../../client/responders.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { unreachableAddress } from '../../client/unreachable-address.ts';
import { withFields, withoutHeader } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { changeAuthorizations, changeChallenges } from '../../deviations/change-authorizations.ts';
import { askToWait, decision, ofNames, refuse, tellAsMalformed } from '../../deviations/decide-otherwise.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, failed, passed, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { nameServerFails, wrongValues } from './dns-01-answers.ts';
import { ChallengeGone, type FailedChallenge, failedChallenge } from './failed-challenge.ts';
import { keyOfAnother } from './http-01-answers.ts';
import { ownNameServer } from './own-name-server.ts';
import { noProtocol, wrongDigest } from './tls-alpn-01-answers.ts';
import { expectErrorType, expectValid, trial } from './validation-attempt.ts';

async function mustBeInvalid(session: AcmeSession): Promise<FailedChallenge> {
  const found = await failedChallenge(session);
  if (found.challenge.status === 'invalid') return found;
  const { status, error } = found.challenge;
  throw new UnmetNeed(
    `the challenge is ${JSON.stringify(status ?? null)}, not invalid, with the error ${JSON.stringify(error ?? null)}`,
  );
}

/** A client that must wait longer than this gives up before (cert-manager issue 5690: 86400). */
const longestRetryAfterSeconds = 600;

/** How often to read a failed challenge, a second or more apart: a CA may retry without saying so. */
const readsForRetry = 30;

export const failedChallenges = group(33, 'Failed challenges', {
  runs: 'challenges',
  checks: [
    // RFC 8555 section 8: The challenge tells the client what went wrong.
    {
      ...standard,
      id: 'failed-challenge-has-error',
      section: '8',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'A failed challenge says why in its field error.',
      async run(session) {
        const { challenge } = await mustBeInvalid(session);
        const { type, detail } = (challenge.error ?? {}) as Challenge;
        const right = typeof type === 'string';
        const said = errorType({ status: 400, headers: {}, body: JSON.stringify(challenge.error ?? {}) }) ?? type;
        return right ? passed(`The error is ${said}: ${detail}.`) : failed('The challenge has no error with a type.');
      },
    },
    // RFC 8555 section 8: A challenge with an error is invalid. Erratum 5732 adds processing, as section 8.2 allows
    // errors during retries.
    {
      ...standard,
      id: 'challenge-with-error-is-not-pending',
      section: '8',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A challenge with an error is invalid, or processing while the CA retries.',
      async run(session) {
        const { status, error } = (await failedChallenge(session)).challenge;
        if (error === undefined) return skipped('the challenge that should fail has no error');
        return expectThat(
          status === 'invalid' || status === 'processing',
          `The challenge has an error and is ${JSON.stringify(status ?? null)}.`,
        );
      },
    },
    // RFC 8555 section 7.5.1: The server does not remove a challenge that is invalid.
    {
      ...standard,
      id: 'failed-challenge-stays',
      section: '7.5.1',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'An authorization still has a challenge that failed.',
      async run(session) {
        try {
          const { authorization, challenge } = await mustBeInvalid(session);
          return passed(
            `The authorization is ${JSON.stringify(authorization.status)} and has the challenge, which is ${JSON.stringify(challenge.status)}.`,
          );
        } catch (error) {
          if (!(error instanceof ChallengeGone)) throw error;
          return failed(`${error.message.replace(/^t/, 'T')}.`);
        }
      },
    },
    // RFC 8555 section 7.5.1: A read of the authorization during the validation is answered 200, with its present state.
    {
      ...standard,
      id: 'authorization-during-validation',
      section: '7.5.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers reads of an authorization, from the response to the decision, with 200.',
      async run(session) {
        try {
          const { reads } = await failedChallenge(session);
          const other = reads.find(({ status }) => status !== 200);
          return other === undefined
            ? passed(`The CA answered ${reads.length} reads with 200.`)
            : failed(`The CA answered a read of the authorization with ${inWords(other)}.`);
        } catch (error) {
          if (!(error instanceof RefusedRead)) throw error;
          return expectThat(
            false,
            `The CA answered a read of the authorization with ${inWords(error.answer)}.`,
            error.answer,
          );
        }
      },
    },
    // RFC 8555 section 7.1.6: A failed challenge makes its authorization invalid, and that makes the order invalid.
    {
      ...standard,
      id: 'failed-challenge-ends-the-order',
      section: '7.1.6',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'After a challenge fails, its authorization and its order are invalid.',
      async run(session) {
        const { account, order, authorization } = await mustBeInvalid(session);
        const status = jsonObject(await session.read(account, order.url))?.status;
        const right = authorization.status === 'invalid' && status === 'invalid';
        return expectThat(
          right,
          `The authorization is ${JSON.stringify(authorization.status)}, the order ${JSON.stringify(status ?? null)}.`,
        );
      },
    },
    // RFC 8555 section 8.2: Retry-After tells the client when to ask again. It waits as long as it is told.
    {
      ...standard,
      id: 'validation-retry-after',
      runs: 'progress',
      section: '8.2',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'During the validation, Retry-After names a time that a client can wait.',
      async run(session) {
        const { retryAfters } = await anyHonestAttempt(session);
        const said = retryAfters.filter((seconds) => seconds !== null);
        if (said.length === 0)
          return passed(`None of ${retryAfters.length} answers during the validation had Retry-After.`);
        const longest = Math.max(...said);
        const message = `Of ${retryAfters.length} answers during the validation ${said.length} had Retry-After, at most ${longest} s`;
        return longest <= longestRetryAfterSeconds
          ? passed(`${message}.`)
          : failed(`${message} (cert-manager issue 5690: it waits that long).`);
      },
    },
    // RFC 8555 section 8.2: While the server retries, the challenge says so by its error and by Retry-After.
    {
      ...standard,
      id: 'retry-state-is-told',
      section: '8.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'While the CA retries a validation, the answer about the challenge has its error and a Retry-After.',
      async run(session) {
        const { whileDeciding } = await failedChallenge(session);
        // A challenge that is processing without an error is at its first query. One that is pending waits for the client.
        const retrying = whileDeciding.filter((answer) => {
          const { status, error } = jsonObject(answer) ?? {};
          return status === 'processing' && error !== undefined;
        });
        if (retrying.length === 0) return skipped('the CA was not seen to retry the validation');
        const without = retrying.filter((answer) => header(answer, 'retry-after') === undefined);
        return expectThat(
          without.length === 0,
          `Of ${retrying.length} answers about the challenge during the retries, ${retrying.length - without.length} had a Retry-After.`,
        );
      },
    },
    // RFC 8555 section 8.2: The server retries a failed query after some time, as the client may have been too early.
    {
      ...standard,
      id: 'failed-query-is-retried',
      runs: 'progress',
      section: '8.2',
      level: 'SHOULD',
      basis: 'keyword',
      profile: 'exhaustive',
      asserts: 'If the first validation query fails, the CA tries again later.',
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
          // The answer above removes what is put here.
          whilePending({ host, token, keyAuthorization }) {
            const isAsked = http.requests(host).some((request) => request.path === path(token));
            if (isAsked) http.put(host, path(token), { status: 200, body: keyAuthorization });
          },
        });
        const requests = seenSince(http.requests(found.host), found).length;
        return expectValid(found, `A right answer after a failed first query (of ${requests} queries)`);
      },
    },
    // RFC 8555 section 6.7: The error type tells the client the kind of failure.
    {
      ...standard,
      id: 'failed-http-01-says-unauthorized',
      feature: 'http-01',
      runs: 'http-01',
      section: '6.7',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The error for a wrong key authorization is unauthorized or incorrectResponse.',
      async run(session) {
        const types = ['unauthorized', 'incorrectResponse'];
        return expectErrorType(await keyOfAnother(session), 'A wrong key authorization', types);
      },
    },
    // RFC 8555 section 6.7: The type connection is for hosts that the server cannot reach.
    {
      ...standard,
      id: 'failed-http-01-says-connection',
      feature: 'http-01',
      runs: 'http-01',
      section: '6.7',
      level: 'SHOULD',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: 'The error for an unreachable host is connection.',
      async run(session) {
        const nowhere = session.options.unreachableAddress ?? unreachableAddress.ipv4;
        const dns = ownNameServer(session.responders);
        const answer: AttemptRequest['answer'] = async (use, to) => {
          use.use(await dns.set(to.host, 'A', [nowhere]));
          use.use(await dns.set(to.host, 'AAAA', []));
        };
        const found = await trial(session, { label: this.id, type: 'http-01', answer });
        return expectErrorType(found, `A host at ${nowhere}, where nothing is,`, ['connection']);
      },
    },
    // RFC 8555 section 6.7: The error type tells the client the kind of failure.
    {
      ...standard,
      id: 'failed-dns-01-says-unauthorized',
      feature: 'dns-01',
      runs: 'dns-01',
      section: '6.7',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The error for wrong TXT records is unauthorized or incorrectResponse.',
      async run(session) {
        const types = ['unauthorized', 'incorrectResponse'];
        return expectErrorType(await wrongValues(session), 'TXT records without the right value', types);
      },
    },
    // RFC 8555 section 6.7: The type dns is for failed DNS queries.
    {
      ...standard,
      id: 'failed-dns-01-says-dns',
      feature: 'dns-01',
      runs: 'dns-01',
      section: '6.7',
      level: 'SHOULD',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: 'The error for a failed query is dns.',
      async run(session) {
        return expectErrorType(await nameServerFails(session), 'SERVFAIL', ['dns']);
      },
    },
    // RFC 8555 section 6.7: The error type tells the client the kind of failure.
    {
      ...standard,
      id: 'failed-tls-alpn-01-says-unauthorized',
      feature: 'tls-alpn-01',
      runs: 'tls-alpn-01',
      section: '6.7',
      level: 'SHOULD',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: 'The error for a certificate with a wrong digest is unauthorized or incorrectResponse.',
      async run(session) {
        const types = ['unauthorized', 'incorrectResponse'];
        return expectErrorType(await wrongDigest(session), 'A wrong digest', types);
      },
    },
    // RFC 8555 section 6.7: The type tls is for TLS errors during the validation.
    {
      ...standard,
      id: 'failed-tls-alpn-01-says-tls',
      feature: 'tls-alpn-01',
      runs: 'tls-alpn-01',
      section: '6.7',
      level: 'SHOULD',
      basis: 'statement',
      profile: 'exhaustive',
      asserts: 'The error for a failed TLS handshake is tls.',
      async run(session) {
        return expectErrorType(await noProtocol(session), 'A fatal no_application_protocol alert', ['tls']);
      },
    },
  ],
  deviations: [
    {
      name: 'failed-challenge-without-error',
      describes: 'A failed challenge does not say why.',
      rfc: 8555,
      section: '8',
      breaks: [
        'failed-challenge-has-error',
        'failed-http-01-says-unauthorized',
        'failed-dns-01-says-unauthorized',
        'failed-dns-01-says-dns',
        'failed-http-01-says-connection',
        'failed-tls-alpn-01-says-tls',
        'failed-tls-alpn-01-says-unauthorized',
        'refused-by-caa-says-caa',
      ],
      apply: changeChallenges(({ error: _, ...challenge }) => challenge),
    },
    {
      name: 'failed-challenge-removed',
      describes: 'A failed challenge is removed from its authorization.',
      rfc: 8555,
      section: '7.5.1',
      breaks: ['failed-challenge-stays'],
      apply: changeAuthorizations(
        ({ value }) => String(value).startsWith('fails.'),
        (authorization) => ({
          ...authorization,
          challenges: ((authorization.challenges ?? []) as readonly Challenge[]).filter(
            ({ status }) => status !== 'invalid',
          ),
        }),
      ),
    },
    {
      name: 'authorization-answered-202',
      describes: 'An authorization is answered 202.',
      rfc: 8555,
      section: '7.5.1',
      breaks: ['authorization-during-validation'],
      apply: changeAnswers(['authorization'], (answer) =>
        answer.body.includes('"fails.') ? { ...answer, status: 202 } : answer,
      ),
    },
    {
      name: 'retries-without-retry-after',
      describes: 'A challenge is processing with an error at first, without a Retry-After.',
      rfc: 8555,
      section: '8.2',
      breaks: ['retry-state-is-told'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        const { memory } = conversation;
        if (!succeeded(answer)) return answer;
        const retrying = { status: 'processing', error: { type: 'urn:ietf:params:acme:error:unauthorized' } };
        if (conversation.isFor(request, 'challenge')) {
          const isDecided = jsonObject(answer)?.status === 'invalid' && readSigned(request)?.payload === '';
          return isDecided ? withoutHeader(withFields(answer, retrying), 'retry-after') : answer;
        }
        if (!conversation.isFor(request, 'authorization') || !answer.body.includes('"fails.')) return answer;
        const read = Number(memory.get(request.url) ?? 0);
        if (jsonObject(answer)?.status !== 'invalid' || read >= 2) return answer;
        memory.set(request.url, read + 1);
        return withFields(answer, { status: 'pending', challenges: [] });
      },
    },
    {
      name: 'pending-challenge-with-error',
      describes: 'A failed challenge is shown as pending, with its error.',
      rfc: 8555,
      section: '8',
      breaks: ['challenge-with-error-is-not-pending'],
      apply: changeChallenges((challenge) =>
        challenge.error === undefined ? challenge : { ...challenge, status: 'pending' },
      ),
    },
    {
      name: 'order-outlives-failed-challenge',
      describes: 'An order stays pending after one of its challenges failed.',
      rfc: 8555,
      section: '7.1.6',
      breaks: ['failed-challenge-ends-the-order'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        if (!succeeded(answer)) return answer;
        if (conversation.isFor(request, 'authorization') && answer.body.includes('"invalid"')) {
          conversation.memory.set(conversation.parentOf(request.url) ?? '', true);
        }
        const isOutlived = conversation.isFor(request, 'order') && conversation.memory.has(request.url);
        return isOutlived ? withFields(answer, { status: 'pending' }) : answer;
      },
    },
    {
      name: 'retry-after-a-day',
      describes: 'During a validation, Retry-After is one day.',
      rfc: 8555,
      section: '8.2',
      breaks: ['validation-retry-after'],
      apply: askToWait(ofNames('http-01-honest'), 86_400),
    },
    {
      name: 'validation-not-retried',
      describes: 'A failed validation query is not retried.',
      rfc: 8555,
      section: '8.2',
      breaks: ['failed-query-is-retried'],
      apply: refuse(ofNames('failed-query-is-retried')),
    },
    decision(tellAsMalformed, {
      name: 'wrong-body-called-malformed',
      describes: 'The error for a wrong key authorization is malformed.',
      rfc: 8555,
      section: '6.7',
      breaks: 'failed-http-01-says-unauthorized',
      label: 'http-01-key-of-another-account',
    }),
    decision(tellAsMalformed, {
      name: 'no-connection-called-malformed',
      describes: 'The error for an unreachable host is malformed.',
      rfc: 8555,
      section: '6.7',
      breaks: 'failed-http-01-says-connection',
    }),
    decision(tellAsMalformed, {
      name: 'wrong-txt-called-malformed',
      describes: 'The error for wrong TXT records is malformed.',
      rfc: 8555,
      section: '6.7',
      breaks: 'failed-dns-01-says-unauthorized',
      label: 'dns-01-wrong-values',
    }),
    decision(tellAsMalformed, {
      name: 'failed-query-called-malformed',
      describes: 'The error for a failed query is malformed.',
      rfc: 8555,
      section: '6.7',
      breaks: 'failed-dns-01-says-dns',
      label: 'dns-01-name-server-fails',
    }),
    decision(tellAsMalformed, {
      name: 'wrong-digest-called-malformed',
      describes: 'The error for a wrong digest is malformed.',
      rfc: 8555,
      section: '6.7',
      breaks: 'failed-tls-alpn-01-says-unauthorized',
      label: 'tls-alpn-01-wrong-digest',
    }),
    decision(tellAsMalformed, {
      name: 'failed-handshake-called-malformed',
      describes: 'The error for a failed TLS handshake is malformed.',
      rfc: 8555,
      section: '6.7',
      breaks: 'failed-tls-alpn-01-says-tls',
      label: 'tls-alpn-01-no-protocol',
    }),
  ],
});
