import { header, nonceInWords } from '../../client/answer.ts';
import { withoutHeader } from '../../deviations/answer-change.ts';
import { changeNewNonce } from '../../deviations/change-new-nonce.ts';
import { expectThat, readOnly } from '../check.ts';
import { group } from '../group.ts';

export const newNonce = group(4, 'newNonce', {
  runs: 'protocol',
  checks: [
    // RFC 8555 section 7.2: newNonce answers HEAD with a fresh nonce.
    {
      ...readOnly,
      id: 'new-nonce-head',
      section: '7.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'newNonce answers HEAD with a Replay-Nonce.',
      async run(session) {
        const answer = await session.get(await session.resource('newNonce'), 'HEAD');
        return expectThat(
          header(answer, 'replay-nonce') !== undefined,
          `The CA answered ${answer.status} ${nonceInWords(answer)}.`,
        );
      },
    },
    // RFC 8555 section 7.2: The status of the answer to HEAD is 200.
    {
      ...readOnly,
      id: 'new-nonce-head-status',
      section: '7.2',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'newNonce answers HEAD with 200.',
      async run(session) {
        const answer = await session.get(await session.resource('newNonce'), 'HEAD');
        return expectThat(answer.status === 200, `The CA answered ${answer.status}.`);
      },
    },
    // RFC 8555 section 7.2: newNonce answers GET with the same nonce header, status 204 and an empty body.
    {
      ...readOnly,
      id: 'new-nonce-get',
      section: '7.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'newNonce answers GET with 204, a Replay-Nonce and no body.',
      async run(session) {
        const answer = await session.get(await session.resource('newNonce'));
        const right = answer.status === 204 && header(answer, 'replay-nonce') !== undefined && answer.body === '';
        return expectThat(
          right,
          `The CA answered ${answer.status} ${nonceInWords(answer)} and ${answer.body.length} characters of body.`,
        );
      },
    },
    // RFC 8555 section 7.2: A cached answer would bring a used nonce, so Cache-Control says no-store.
    {
      ...readOnly,
      id: 'new-nonce-is-not-stored',
      section: '7.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'newNonce answers HEAD and GET with Cache-Control no-store.',
      async run(session) {
        const url = await session.resource('newNonce');
        const values = [];
        for (const method of ['HEAD', 'GET'] as const) {
          values.push((await session.get(url, method)).headers['cache-control']?.join(', ') ?? '');
        }
        const right = values.every((value) => /(^|[\s,])no-store($|[\s,])/i.test(value));
        return expectThat(right, `Cache-Control is ${values.map((value) => JSON.stringify(value)).join(' and ')}.`);
      },
    },
  ],
  deviations: [
    {
      name: 'new-nonce-head-without-nonce',
      describes: 'newNonce answers HEAD without a Replay-Nonce.',
      rfc: 8555,
      section: '7.2',
      breaks: ['new-nonce-head'],
      apply: changeNewNonce('HEAD', (answer) => withoutHeader(answer, 'replay-nonce')),
    },
    {
      name: 'new-nonce-head-answered-204',
      describes: 'newNonce answers HEAD with 204.',
      rfc: 8555,
      section: '7.2',
      breaks: ['new-nonce-head-status'],
      apply: changeNewNonce('HEAD', (answer) => ({ ...answer, status: 204 })),
    },
    {
      name: 'new-nonce-get-answered-200',
      describes: 'newNonce answers GET with 200.',
      rfc: 8555,
      section: '7.2',
      breaks: ['new-nonce-get'],
      apply: changeNewNonce('GET', (answer) => ({ ...answer, status: 200 })),
    },
    {
      name: 'new-nonce-may-be-stored',
      describes: 'The answers of newNonce have no Cache-Control.',
      rfc: 8555,
      section: '7.2',
      breaks: ['new-nonce-is-not-stored'],
      apply: changeNewNonce(null, (answer) => withoutHeader(answer, 'cache-control')),
    },
  ],
});
