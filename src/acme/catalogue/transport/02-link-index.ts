import { inWords, links, succeeded } from '../../client/answer.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { withoutLinks } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { expectThat, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { accountRevocations } from '../issuance/account-revocations.ts';
import { issuanceAnswers } from '../issuance/issued-resources.ts';

export const linkIndex = group(2, 'Link index', {
  runs: 'protocol',
  checks: [
    {
      ...standard,
      id: 'index-link',
      section: '7.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'Every resource but the directory has a Link with the relation "index" to the directory.',
      async run(session) {
        const account = await session.account();
        const order = await session.order();
        const answers: readonly (readonly [string, HttpAnswer])[] = [
          ['newNonce', await session.get(await session.resource('newNonce'), 'HEAD')],
          ['newAccount', account.answer],
          ['newOrder', order.answer],
          ['order', await session.read(account, order.url)],
          ['authorization', await session.read(account, session.authorizationOf(order))],
        ];
        const without = answers.filter(([, answer]) => {
          const targets = links(answer, 'index');
          return !targets.some(
            (target) =>
              URL.parse(target, session.options.directoryUrl)?.href === new URL(session.options.directoryUrl).href,
          );
        });
        const names = without.map(([name]) => name).join(', ');
        return expectThat(without.length === 0, without.length === 0 ? 'All have it.' : `Without it: ${names}.`);
      },
    },
    {
      ...standard,
      id: 'index-link-of-issuance',
      runs: 'issuance',
      section: '7.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts:
        'Challenges, answers to finalize and certificates have a Link with the relation "index" to the directory.',
      async run(session) {
        const directory = new URL(session.options.directoryUrl).href;
        const without = (await issuanceAnswers(session)).filter(
          ([, answer]) => !links(answer, 'index').some((target) => URL.parse(target, directory)?.href === directory),
        );
        const names = without.map(([name]) => name).join(', ');
        return expectThat(without.length === 0, without.length === 0 ? 'All have it.' : `Without it: ${names}.`);
      },
    },
    {
      ...standard,
      id: 'index-link-of-revocation',
      runs: 'revocation',
      section: '7.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'The answer to a revocation has a Link with the relation "index".',
      async run(session) {
        const { byAccount: answer } = await accountRevocations(session);
        if (!succeeded(answer)) return skipped(`the revocation was refused: ${inWords(answer)}`);
        const has = links(answer, 'index').length > 0;
        return expectThat(has, `${answer.status} came ${has ? 'with' : 'without'} it.`);
      },
    },
  ],
  deviations: [
    {
      name: 'no-index-link-on-issuance',
      describes: 'Challenges, answers to finalize and certificates have no Link "index".',
      rfc: 8555,
      section: '7.1',
      breaks: ['index-link-of-issuance'],
      apply: changeAnswers(['challenge', 'finalize', 'certificate'], (answer) => withoutLinks(answer, 'index')),
    },
    {
      name: 'no-index-link-on-revocation',
      describes: 'The answer to a revocation has no Link "index".',
      rfc: 8555,
      section: '7.1',
      breaks: ['index-link-of-revocation'],
      apply: changeAnswers(['revokeCert'], (answer) => withoutLinks(answer, 'index')),
    },
    {
      name: 'no-index-link',
      describes: 'No answer has a Link with the relation "index".',
      rfc: 8555,
      section: '7.1',
      breaks: ['index-link', 'index-link-of-issuance', 'index-link-of-revocation'],
      apply: async (request, forward) => withoutLinks(await forward(request), 'index'),
    },
  ],
});
