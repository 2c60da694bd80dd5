import { errorType, header, inWords, nonceInWords, succeeded } from '../../client/answer.ts';
import { withHeader, withoutHeader } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { changeNewNonce } from '../../deviations/change-new-nonce.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { type CheckFinding, expectThat, failed, passed, readOnly, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { accountRevocations } from '../issuance/account-revocations.ts';
import { issuanceAnswers, type NamedAnswers } from '../issuance/issued-resources.ts';
import { lookUp } from './look-up.ts';

/** Whether all successful ones of these answers have a nonce. */
function nonceOn(answers: NamedAnswers): CheckFinding {
  const lacking = answers.filter(([, answer]) => succeeded(answer) && header(answer, 'replay-nonce') === undefined);
  const names = (some: NamedAnswers) => some.map(([name]) => name).join(', ');
  return lacking.length === 0
    ? passed(`A Replay-Nonce is on the answers of ${names(answers)}.`)
    : failed(`No Replay-Nonce is on the answers of ${names(lacking)}.`);
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
    // RFC 8555 section 6.5: Each successful answer to a POST brings the nonce for the next request.
    {
      ...standard,
      id: 'nonce-on-success',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'Successful POST answers of newAccount, newOrder, order and authorization have a Replay-Nonce.',
      async run(session) {
        const account = await session.account();
        const order = await session.order();
        const answers: NamedAnswers = [
          ['newAccount', account.answer],
          ['newOrder', order.answer],
          ['order', await session.read(account, order.url)],
          ['authorization', await session.read(account, session.authorizationOf(order))],
        ];
        return nonceOn(answers);
      },
    },
    // RFC 8555 section 6.5: Error answers bring a nonce, too, so that the client need not fetch one.
    {
      ...readOnly,
      id: 'nonce-on-error',
      section: '6.5',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'An error answer to a POST has a Replay-Nonce.',
      async run(session) {
        const answer = await lookUp(session);
        if (succeeded(answer)) return skipped(`the look-up of an unknown account was not an error: ${answer.status}`);
        return expectThat(
          header(answer, 'replay-nonce') !== undefined,
          `The CA answered ${inWords(answer)} ${nonceInWords(answer)}.`,
          answer,
        );
      },
    },
    // RFC 8555 section 6.5.1: A nonce is a base64url string without padding.
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
          wrong.length === 0
            ? `All ${session.nonces.length} nonces are base64url.`
            : `${wrong.length} of ${session.nonces.length} nonces are not base64url, e.g. ${JSON.stringify(wrong[0])}.`,
        );
      },
    },
    // RFC 8555 section 6.5.1: The server never issues the same nonce twice.
    {
      ...readOnly,
      id: 'nonces-are-unique',
      section: '6.5.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'Every Replay-Nonce is different.',
      async run(session) {
        const url = await session.resource('newNonce');
        for (let count = 1; count <= 3; count += 1) await session.get(url, 'HEAD');
        const different = new Set(session.nonces).size;
        return expectThat(
          different === session.nonces.length,
          `Of ${session.nonces.length} nonces ${different} are different.`,
        );
      },
    },
    // RFC 8555 section 6.5: Each successful answer to a POST brings the nonce for the next request.
    {
      ...standard,
      id: 'nonce-on-issuance',
      runs: 'issuance',
      section: '6.5',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'Successful POST answers of challenge, finalize and certificate have a Replay-Nonce.',
      async run(session) {
        return nonceOn(await issuanceAnswers(session));
      },
    },
    // RFC 8555 section 6.5: Each successful answer to a POST brings the nonce for the next request.
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
        if (!succeeded(answer)) return skipped(`the CA refused the revocation: ${inWords(answer)}`);
        const has = header(answer, 'replay-nonce') !== undefined;
        return expectThat(has, `The CA answered ${answer.status} ${has ? 'with' : 'without'} a Replay-Nonce.`);
      },
    },
  ],
  deviations: [
    {
      name: 'new-order-without-nonce',
      describes: 'A successful newOrder answer has no Replay-Nonce.',
      rfc: 8555,
      section: '6.5',
      breaks: ['nonce-on-success'],
      apply: changeAnswers(['newOrder'], (answer) => withoutHeader(answer, 'replay-nonce')),
    },
    {
      name: 'errors-without-nonce',
      describes: 'Errors other than badNonce have no Replay-Nonce.',
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
      describes: 'One in four nonces of newNonce has base64 padding. The CA then refuses it with badNonce.',
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
      describes: 'One in four HEAD answers of newNonce repeats the previous nonce.',
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
    {
      name: 'no-nonce-on-issuance',
      describes: 'Successful finalize and certificate answers have no Replay-Nonce.',
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
  ],
});
