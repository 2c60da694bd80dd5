import { errorType, header, inWords, succeeded } from '../../client/answer.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { withHeader, withoutHeader } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { changeNewNonce } from '../../deviations/change-new-nonce.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, readOnly, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { accountRevocations } from '../issuance/account-revocations.ts';
import { issuanceAnswers } from '../issuance/issued-resources.ts';
import { lookUp } from './look-up.ts';

function nonceInWords(answer: HttpAnswer): string {
  return header(answer, 'replay-nonce') === undefined ? 'without a Replay-Nonce' : 'with a Replay-Nonce';
}

const padOneInFour = changeNewNonce('HEAD', (answer, { memory }) => {
  const count = Number(memory.get('count') ?? 0);
  memory.set('count', count + 1);
  const nonce = header(answer, 'replay-nonce');
  return nonce === undefined || count % 4 !== 0 ? answer : withHeader(answer, 'replay-nonce', `${nonce}==`);
});

export const noncesInAnswers = group(5, 'Nonces in answers', {
  runs: 'protocol',
  checks: [
    {
      ...standard,
      id: 'nonce-on-success',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'Every successful answer to a POST has a Replay-Nonce: newAccount, newOrder, order, authorization.',
      async run(session) {
        const account = await session.account();
        const order = await session.order();
        const answers: readonly (readonly [string, HttpAnswer])[] = [
          ['newAccount', account.answer],
          ['newOrder', order.answer],
          ['order', await session.read(account, order.url)],
          ['authorization', await session.read(account, session.authorizationOf(order))],
        ];
        const without = answers.filter(
          ([, answer]) => succeeded(answer) && header(answer, 'replay-nonce') === undefined,
        );
        const names = without.map(([name]) => name).join(', ');
        return expectThat(without.length === 0, without.length === 0 ? 'All have it.' : `Without it: ${names}.`);
      },
    },
    {
      ...readOnly,
      id: 'nonce-on-error',
      section: '6.5',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'An error answer to a POST has a Replay-Nonce, too.',
      async run(session) {
        const answer = await lookUp(session);
        if (succeeded(answer)) return skipped(`the look-up of an unknown account was no error: ${answer.status}`);
        return expectThat(header(answer, 'replay-nonce') !== undefined, `${inWords(answer)}: ${nonceInWords(answer)}.`);
      },
    },
    {
      ...readOnly,
      id: 'nonces-are-base64url',
      section: '6.5.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'Every Replay-Nonce is base64url without padding.',
      async run(session) {
        await session.get(await session.resource('newNonce'), 'HEAD');
        const wrong = session.nonces.filter((nonce) => !/^[A-Za-z0-9_-]+$/.test(nonce));
        return expectThat(
          wrong.length === 0,
          `${session.nonces.length - wrong.length} of ${session.nonces.length} are.`,
        );
      },
    },
    {
      ...readOnly,
      id: 'nonces-are-unique',
      section: '6.5.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'No Replay-Nonce comes twice.',
      async run(session) {
        const url = await session.resource('newNonce');
        for (let count = 1; count <= 3; count += 1) await session.get(url, 'HEAD');
        const different = new Set(session.nonces).size;
        return expectThat(
          different === session.nonces.length,
          `${session.nonces.length} nonces, ${different} different ones.`,
        );
      },
    },
    {
      ...standard,
      id: 'nonce-on-issuance',
      runs: 'issuance',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'Every successful answer to a POST has a Replay-Nonce: challenge, finalize, certificate.',
      async run(session) {
        const without = (await issuanceAnswers(session)).filter(
          ([, answer]) => succeeded(answer) && header(answer, 'replay-nonce') === undefined,
        );
        const names = without.map(([name]) => name).join(', ');
        return expectThat(without.length === 0, without.length === 0 ? 'All have it.' : `Without it: ${names}.`);
      },
    },
    {
      ...standard,
      id: 'nonce-on-revocation',
      runs: 'revocation',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The answer to a revocation has a Replay-Nonce.',
      async run(session) {
        const { byAccount: answer } = await accountRevocations(session);
        if (!succeeded(answer)) return skipped(`the revocation was refused: ${inWords(answer)}`);
        const has = header(answer, 'replay-nonce') !== undefined;
        return expectThat(has, `${answer.status} came ${has ? 'with' : 'without'} a Replay-Nonce.`);
      },
    },
  ],
  deviations: [
    {
      name: 'no-nonce-on-issuance',
      describes: 'Successful answers to finalize and for a certificate have no Replay-Nonce.',
      rfc: 8555,
      section: '6.5',
      breaks: ['nonce-on-issuance'],
      apply: changeAnswers(['finalize', 'certificate'], (answer) => withoutHeader(answer, 'replay-nonce')),
    },
    {
      name: 'no-nonce-on-revocation',
      describes: 'The answer to a revocation has no Replay-Nonce.',
      rfc: 8555,
      section: '6.5',
      breaks: ['nonce-on-revocation'],
      apply: changeAnswers(['revokeCert'], (answer) => withoutHeader(answer, 'replay-nonce')),
    },
    {
      name: 'new-order-without-nonce',
      describes: 'A successful newOrder brings no Replay-Nonce.',
      rfc: 8555,
      section: '6.5',
      breaks: ['nonce-on-success'],
      apply: changeAnswers(['newOrder'], (answer) => withoutHeader(answer, 'replay-nonce')),
    },
    {
      name: 'errors-without-nonce',
      describes: 'Errors other than badNonce bring no Replay-Nonce.',
      rfc: 8555,
      section: '6.5',
      breaks: ['nonce-on-error'],
      async apply(request, forward) {
        const answer = await forward(request);
        return answer.status >= 400 && errorType(answer) !== 'badNonce'
          ? withoutHeader(answer, 'replay-nonce')
          : answer;
      },
    },
    {
      name: 'padded-nonces',
      describes: 'One nonce of newNonce in four has base64 padding, and is then refused with badNonce.',
      rfc: 8555,
      section: '6.5.1',
      breaks: ['nonces-are-base64url'],
      async apply(request, forward, conversation) {
        const nonce = readSigned(request)?.header.nonce;
        if (typeof nonce === 'string' && nonce.endsWith('==')) {
          return conversation.problem(400, 'badNonce', 'the nonce is not known');
        }
        return padOneInFour(request, forward, conversation);
      },
    },
    {
      name: 'same-nonce-twice',
      describes: 'One HEAD of newNonce in four brings the nonce of the one before.',
      rfc: 8555,
      section: '6.5.1',
      breaks: ['nonces-are-unique'],
      apply: changeNewNonce('HEAD', (answer, { memory }) => {
        const count = Number(memory.get('count') ?? 0);
        const before = memory.get('nonce');
        memory.set('count', count + 1);
        memory.set('nonce', header(answer, 'replay-nonce'));
        return typeof before === 'string' && count % 4 === 1 ? withHeader(answer, 'replay-nonce', before) : answer;
      }),
    },
  ],
});
