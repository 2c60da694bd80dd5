import { errorType, inWords, succeeded } from '../../client/answer.ts';
import { acceptAnyway, answerAsHonest } from '../../deviations/accept-anyway.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, skipped, standard } from '../check.ts';
import { group } from '../group.ts';

export const deactivatedAccounts = group(16, 'Deactivated accounts', {
  runs: 'accounts',
  checks: [
    // RFC 8555 section 7.3.6: A deactivated account may do nothing any more.
    {
      ...standard,
      id: 'deactivated-account',
      section: '7.3.6',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers a request by a deactivated account with 401 unauthorized.',
      async run(session) {
        const account = await session.anotherAccount();
        const gone = await session.deactivate(account);
        if (gone.status !== 200) {
          return expectThat(false, `The CA answered the deactivation with ${inWords(gone)}.`, gone);
        }
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
