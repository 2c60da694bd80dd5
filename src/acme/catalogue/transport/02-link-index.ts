import { inWords, links, succeeded } from '../../client/answer.ts';
import type { AcmeSession } from '../../client/session.ts';
import { withoutLinks } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { type CheckFinding, expectThat, failed, passed, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { accountRevocations } from '../issuance/account-revocations.ts';
import { issuanceAnswers, type NamedAnswers } from '../issuance/issued-resources.ts';

/** Whether all these answers have a link "index" to the directory. */
function linkIndexOn(session: AcmeSession, answers: NamedAnswers): CheckFinding {
  const directory = new URL(session.options.directoryUrl).href;
  const isIt = (target: string) => URL.parse(target, directory)?.href === directory;
  const lacking = answers.filter(([, answer]) => !links(answer, 'index').some(isIt)).map(([name]) => name);
  const all = answers.map(([name]) => name).join(', ');
  return lacking.length === 0
    ? passed(`The link "index" is on the answers of ${all}.`)
    : failed(`The link "index" is missing on the answers of ${lacking.join(', ')}.`);
}

export const linkIndex = group(2, 'Link index', {
  runs: 'protocol',
  checks: [
    // RFC 8555 section 7.1: From every resource except the directory, a link "index" leads back to the directory.
    {
      ...standard,
      id: 'index-link',
      section: '7.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'Every resource except the directory links to the directory with the relation "index".',
      async run(session) {
        const account = await session.account();
        const order = await session.order();
        const answers: NamedAnswers = [
          ['newNonce', await session.get(await session.resource('newNonce'), 'HEAD')],
          ['newAccount', account.answer],
          ['newOrder', order.answer],
          ['order', await session.read(account, order.url)],
          ['authorization', await session.read(account, session.authorizationOf(order))],
        ];
        return linkIndexOn(session, answers);
      },
    },
    // RFC 8555 section 7.1: The link "index" is also on the resources that an issuance brings.
    {
      ...standard,
      id: 'index-link-of-issuance',
      runs: 'issuance',
      section: '7.1',
      level: 'SHOULD',
      basis: 'statement',
      asserts: 'Challenges, finalize answers and certificates link to the directory with the relation "index".',
      async run(session) {
        return linkIndexOn(session, await issuanceAnswers(session));
      },
    },
    // RFC 8555 section 7.1: The link "index" is also on the answer to a revocation.
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
        if (!succeeded(answer)) return skipped(`the CA refused the revocation: ${inWords(answer)}`);
        const has = links(answer, 'index').length > 0;
        return expectThat(has, `The CA answered ${answer.status} ${has ? 'with' : 'without'} a link "index".`);
      },
    },
  ],
  deviations: [
    {
      name: 'no-index-link',
      describes: 'No answer has a Link with the relation "index".',
      rfc: 8555,
      section: '7.1',
      breaks: ['index-link', 'index-link-of-issuance', 'index-link-of-revocation'],
      apply: async (request, forward) => withoutLinks(await forward(request), 'index'),
    },
    {
      name: 'no-index-link-on-issuance',
      describes: 'Challenges, finalize answers and certificates have no Link "index".',
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
  ],
});
