import { header } from '../../client/answer.ts';
import type { HttpAnswer } from '../../client/transport.ts';
import { withoutHeader } from '../../deviations/answer-change.ts';
import { changeNewNonce } from '../../deviations/change-new-nonce.ts';
import { expectThat, readOnly } from '../check.ts';
import { group } from '../group.ts';

function nonceInWords(answer: HttpAnswer): string {
  return header(answer, 'replay-nonce') === undefined ? 'without a Replay-Nonce' : 'with a Replay-Nonce';
}

export const newNonce = group(4, 'newNonce', {
  runs: 'protocol',
  checks: [
    {
      ...readOnly,
      id: 'new-nonce-head',
      section: '7.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'HEAD of newNonce gives a Replay-Nonce.',
      async run(session) {
        const answer = await session.get(await session.resource('newNonce'), 'HEAD');
        return expectThat(
          header(answer, 'replay-nonce') !== undefined,
          `It was answered ${answer.status}, ${nonceInWords(answer)}.`,
        );
      },
    },
    {
      ...readOnly,
      id: 'new-nonce-head-status',
      section: '7.2',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'HEAD of newNonce is answered 200.',
      async run(session) {
        const answer = await session.get(await session.resource('newNonce'), 'HEAD');
        return expectThat(answer.status === 200, `It was answered ${answer.status}.`);
      },
    },
    {
      ...readOnly,
      id: 'new-nonce-get',
      section: '7.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'GET of newNonce is answered 204 with a Replay-Nonce and no body.',
      async run(session) {
        const answer = await session.get(await session.resource('newNonce'));
        const right = answer.status === 204 && header(answer, 'replay-nonce') !== undefined && answer.body === '';
        return expectThat(
          right,
          `It was answered ${answer.status}, ${nonceInWords(answer)}, ${answer.body.length} characters.`,
        );
      },
    },
    {
      ...readOnly,
      id: 'new-nonce-is-not-stored',
      section: '7.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The answers of newNonce to HEAD and GET have Cache-Control with no-store.',
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
      describes: 'HEAD of newNonce brings no Replay-Nonce.',
      rfc: 8555,
      section: '7.2',
      breaks: ['new-nonce-head'],
      apply: changeNewNonce('HEAD', (answer) => withoutHeader(answer, 'replay-nonce')),
    },
    {
      name: 'new-nonce-head-answered-204',
      describes: 'HEAD of newNonce is answered 204.',
      rfc: 8555,
      section: '7.2',
      breaks: ['new-nonce-head-status'],
      apply: changeNewNonce('HEAD', (answer) => ({ ...answer, status: 204 })),
    },
    {
      name: 'new-nonce-get-answered-200',
      describes: 'GET of newNonce is answered 200.',
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
