import { errorType, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { acceptAnyway, answerAsHonest } from '../../deviations/accept-anyway.ts';
import { withFields } from '../../deviations/answer-change.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, failed, passed, skipped, standard, warned } from '../check.ts';
import { group } from '../group.ts';

/**
 * An account that tries to deactivate another one, once per run, and what the other one is after that. A CA that looks at the
 * signature alone deactivates the account that signed.
 */
const foreignDeactivation = oncePerSession(async (session) => {
  const by = await session.anotherAccount();
  const other = await session.spareAccount();
  const answer = await session.post({ url: other.url, by, payload: { status: 'deactivated' } });
  const after = await session.read(other, other.url);
  const isIntact = succeeded(after) && jsonObject(after)?.status === 'valid';
  if (!isIntact) session.replaceSpareAccount();
  if (succeeded(answer) && !succeeded(await session.read(by, by.url))) session.forget(by);
  return { by, answer, after, isIntact };
});

/** A CA need not accept a deactivation. Its answer has the account as it is now. @returns what it says; null if it is deactivated */
function notMade(answer: HttpAnswer): string | null {
  const status = jsonObject(answer)?.status;
  return status === undefined || status === 'deactivated'
    ? null
    : `The CA answered the deactivation with ${answer.status}, and the account is ${JSON.stringify(status)}.`;
}

export const deactivatedAccounts = group(16, 'Deactivated accounts', {
  runs: 'accounts',
  checks: [
    // RFC 8555 section 7.3.6: The server verifies that the key of the account signed the deactivation.
    {
      ...standard,
      id: 'deactivation-by-another-account',
      section: '7.3.6',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'An account cannot deactivate another one.',
      async run(session) {
        const { answer, after, isIntact } = await foreignDeactivation(session);
        const seen = `The CA answered another account with ${inWords(answer)}; after that, the account is answered ${inWords(after)}`;
        if (!succeeded(answer)) return passed(`${seen}.`);
        return isIntact
          ? warned(`${seen}, and is valid: the answer tells of a change that was not made.`)
          : failed(`${seen}.`);
      },
    },
    // RFC 8555 section 7.3.6: A deactivated account may do nothing any more.
    {
      ...standard,
      id: 'deactivated-account',
      section: '7.3.6',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers a request by a deactivated account with 401 unauthorized.',
      async run(session) {
        const { by, answer: tried } = await foreignDeactivation(session);
        const account = succeeded(tried) ? await session.anotherAccount() : by;
        const gone = await session.deactivate(account);
        if (gone.status !== 200) {
          return expectThat(false, `The CA answered the deactivation with ${inWords(gone)}.`, gone);
        }
        const kept = notMade(gone);
        if (kept !== null) return warned(kept);
        const answer = await session.read(account, account.url);
        const right = answer.status === 401 && errorType(answer) === 'unauthorized';
        return expectThat(right, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.3.6: A deactivated account may do nothing any more, also with its orders.
    {
      ...standard,
      id: 'orders-of-deactivated-account',
      runs: 'valid authorizations',
      section: '7.3.6',
      level: 'MUST',
      basis: 'keyword',
      asserts:
        "The CA answers a deactivated account's requests for its order, its authorization and newOrder with 401 unauthorized.",
      async run(session) {
        const account = await session.anotherAccount();
        const order = await session.anotherOrder(account, 'of-deactivated-account');
        const gone = await session.deactivate(account);
        if (!succeeded(gone)) return skipped(`the CA did not deactivate the account: ${inWords(gone)}`);
        const kept = notMade(gone);
        if (kept !== null) return warned(kept);
        const identifiers = [{ type: 'dns', value: session.name('by-deactivated-account') }];
        const answers = [
          ['order', await session.read(account, order.url)],
          ['authorization', await session.read(account, session.authorizationOf(order))],
          ['newOrder', await session.newOrder(account, { identifiers })],
        ] as const;
        const others = answers.filter(([, answer]) => answer.status !== 401 || errorType(answer) !== 'unauthorized');
        const seen = others.map(([name, answer]) => `${name} with ${inWords(answer)}`).join('; ');
        return expectThat(
          others.length === 0,
          others.length === 0
            ? 'The CA answered order, authorization and newOrder with 401 unauthorized.'
            : `The CA answered ${seen}.`,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'account-deactivated-by-anyone',
      describes: 'An account is deactivated by another one.',
      rfc: 8555,
      section: '7.3.6',
      breaks: ['deactivation-by-another-account'],
      async apply(request, forward, conversation) {
        const signed = readSigned(request);
        if (signed === null || !conversation.isFor(request, 'account')) return forward(request);
        const isOfAnother = signed.fields.status === 'deactivated' && signed.header.kid !== request.url;
        if (isOfAnother) conversation.memory.set(request.url, true);
        const answer = isOfAnother ? await conversation.lastGoodAgain(request.url) : await forward(request);
        if (answer === null) return forward(request);
        return conversation.memory.has(request.url) ? withFields(answer, { status: 'deactivated' }) : answer;
      },
    },
    {
      name: 'deactivated-account-works',
      describes: 'A deactivated account can still be read.',
      rfc: 8555,
      section: '7.3.6',
      breaks: ['deactivated-account'],
      async apply(request, forward, conversation) {
        const signed = readSigned(request);
        const answer = await forward(request);
        if (signed === null || !conversation.isFor(request, 'account')) return answer;
        if (succeeded(answer) && signed.fields.status === 'deactivated') conversation.memory.set(request.url, true);
        const isAfterwards = signed.payload === '' && conversation.memory.has(request.url);
        return isAfterwards && !succeeded(answer) ? answerAsHonest(request, signed, conversation) : answer;
      },
    },
    {
      name: 'deactivated-account-reads-its-orders',
      describes: 'A deactivated account can read its orders.',
      rfc: 8555,
      section: '7.3.6',
      breaks: ['orders-of-deactivated-account'],
      apply: acceptAnyway(
        ({ header: { kid } }, request, conversation, refusal) =>
          errorType(refusal) === 'unauthorized' &&
          conversation.isFor(request, 'order') &&
          kid === conversation.ownerOf(request.url),
      ),
    },
  ],
});
