import { header, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { UnmetNeed } from '../../client/session.ts';
import { withFields, withJson, withoutHeader } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { changeKnownAccount } from '../../deviations/change-known-account.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, failed, standard } from '../check.ts';
import { group } from '../group.ts';
import { newAccountWith } from './new-account-with.ts';

export const newAccount = group(12, 'newAccount', {
  runs: 'accounts',
  checks: [
    {
      ...standard,
      id: 'new-account',
      section: '7.3',
      level: 'MUST',
      basis: 'statement',
      asserts: 'newAccount is answered 201 with the account, status valid, and its URL in Location.',
      async run(session) {
        const { answer } = await session.account().catch((error: unknown) => {
          // A refusal may have its reason; breaking down has none.
          if (error instanceof UnmetNeed && (error.status === null || error.status < 500)) throw error;
          return { answer: null };
        });
        if (answer === null) return failed(session.unmet.join('; '));
        const status = jsonObject(answer)?.status;
        const right = answer.status === 201 && header(answer, 'location') !== undefined && status === 'valid';
        return expectThat(
          right,
          `It was answered ${answer.status}, status ${JSON.stringify(status ?? null)}, with Location.`,
        );
      },
    },
    {
      ...standard,
      id: 'account-has-orders',
      section: '7.1.2',
      level: 'MUST',
      basis: 'statement',
      asserts: 'An account object has the required field orders, a URL.',
      async run(session) {
        const { answer } = await session.account();
        const orders = jsonObject(answer)?.orders;
        return expectThat(
          typeof orders === 'string' && URL.canParse(orders),
          `orders is ${JSON.stringify(orders ?? null)}.`,
        );
      },
    },
    {
      ...standard,
      id: 'same-key-same-account',
      section: '7.3.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'newAccount with the key of an account is answered 200 with its URL in Location.',
      async run(session) {
        const account = await session.account();
        const answer = await session.newAccount(account.key, await session.newAccountPayload(account.key));
        const same = header(answer, 'location') === account.url;
        return expectThat(
          answer.status === 200 && same,
          `It was answered ${inWords(answer)}, Location is ${same ? 'the same' : (header(answer, 'location') ?? 'absent')}.`,
        );
      },
    },
    {
      ...standard,
      id: 'same-key-changes-nothing',
      section: '7.3.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'newAccount with the key of an account ignores the fields of the request.',
      async run(session) {
        const account = await session.anotherAccount();
        const contact = ['mailto:padlock@example.com'];
        await session.newAccount(account.key, { ...(await session.newAccountPayload(account.key)), contact });
        const after = jsonObject(await session.newAccount(account.key, { onlyReturnExisting: true }))?.contact;
        const changed = JSON.stringify(after ?? null).includes('padlock@example.com');
        return expectThat(!changed, `Afterwards contact is ${JSON.stringify(after ?? null)}.`);
      },
    },
    {
      ...standard,
      id: 'unknown-fields-are-ignored',
      section: '7.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'An unknown field of newAccount is ignored and not reflected in the account.',
      async run(session) {
        const answer = await newAccountWith(session, { padlockUnknownField: 'unknown' });
        if (!succeeded(answer)) return failed(`newAccount was refused: ${inWords(answer)}.`);
        const reflected = jsonObject(answer)?.padlockUnknownField !== undefined;
        return expectThat(!reflected, reflected ? 'It is reflected.' : 'It is not reflected.');
      },
    },
  ],
  deviations: [
    {
      name: 'new-account-answered-200',
      describes: 'A newAccount that makes an account is answered 200.',
      rfc: 8555,
      section: '7.3',
      breaks: ['new-account'],
      apply: changeAnswers(['newAccount'], (answer) => ({ ...answer, status: 200 })),
    },
    {
      name: 'account-without-orders',
      describes: 'An account object has no orders.',
      rfc: 8555,
      section: '7.1.2',
      breaks: ['account-has-orders'],
      apply: changeAnswers(['newAccount', 'account'], (answer) => withFields(answer, { orders: undefined })),
    },
    {
      name: 'known-account-without-location',
      describes: 'newAccount with the key of an account brings no Location, unless it is a look-up.',
      rfc: 8555,
      section: '7.3.1',
      breaks: ['same-key-same-account'],
      apply: changeKnownAccount((answer, { fields }) =>
        fields.onlyReturnExisting === true ? answer : withoutHeader(answer, 'location'),
      ),
    },
    {
      name: 'new-account-updates',
      describes: 'newAccount with the key of an account changes its contact.',
      rfc: 8555,
      section: '7.3.1',
      breaks: ['same-key-changes-nothing'],
      apply: changeKnownAccount((answer, { fields }, { memory }) => {
        const url = header(answer, 'location') ?? '';
        if (fields.contact !== undefined) memory.set(url, fields.contact);
        return memory.has(url) ? withFields(answer, { contact: memory.get(url) }) : answer;
      }),
    },
    {
      name: 'unknown-fields-reflected',
      describes: 'A new account has all the fields of the request, also unknown ones.',
      rfc: 8555,
      section: '7.3',
      breaks: ['unknown-fields-are-ignored'],
      apply: changeAnswers(['newAccount'], (answer, request) =>
        answer.status === 201
          ? withJson(answer, (account) => ({ ...readSigned(request)?.fields, ...account }))
          : answer,
      ),
    },
  ],
});
