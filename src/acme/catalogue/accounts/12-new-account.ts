import { header, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { UnmetNeed } from '../../client/session.ts';
import { asProblem, withFields, withJson, withoutHeader } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { changeKnownAccount } from '../../deviations/change-known-account.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, skipped, standard, warned } from '../check.ts';
import { group } from '../group.ts';
import { newAccountWith } from './new-account-with.ts';

export const newAccount = group(12, 'newAccount', {
  runs: 'accounts',
  checks: [
    // RFC 8555 section 7.3: The server answers with the new account, and with the account URL in Location.
    {
      ...standard,
      id: 'new-account',
      section: '7.3',
      level: 'MUST',
      basis: 'statement',
      asserts: 'newAccount answers 201 with a valid account and its URL in Location.',
      async run(session) {
        if (session.options.accountKey !== undefined) return skipped('the account of --account-key exists already');
        const { answer } = await session.account().catch((error: unknown) => {
          // A refusal may have a reason. A server error has none.
          if (error instanceof UnmetNeed && (error.status === null || error.status < 500)) throw error;
          return { answer: null };
        });
        if (answer === null) return warned(`${session.unmet.join('; ')}. A server error judges nothing.`);
        const status = jsonObject(answer)?.status;
        const right = answer.status === 201 && header(answer, 'location') !== undefined && status === 'valid';
        return expectThat(
          right,
          `The CA answered ${answer.status}, status ${JSON.stringify(status ?? null)}, with Location.`,
        );
      },
    },
    // RFC 8555 section 7.1.2: The account object has a field orders: the URL of the account's orders.
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
    // RFC 8555 section 7.1.2: The field orders is required, whenever the account is shown.
    {
      ...standard,
      id: 'account-keeps-orders',
      section: '7.1.2',
      level: 'MUST',
      basis: 'statement',
      asserts: 'An account that is read has the same orders as when it was made.',
      async run(session) {
        const account = await session.account();
        const { orders } = jsonObject(account.answer) ?? {};
        if (typeof orders !== 'string') return skipped('the account had no orders when it was made');
        const answer = await session.read(account, account.url);
        if (!succeeded(answer)) return skipped(`the CA does not show the account: ${inWords(answer)}`);
        const read = jsonObject(answer)?.orders;
        return expectThat(
          read === orders,
          `orders was ${JSON.stringify(orders)}, and is ${JSON.stringify(read ?? null)} when it is read.`,
        );
      },
    },
    // RFC 8555 section 7.3.1: A key has one account. newAccount with that key answers with the account that exists.
    {
      ...standard,
      id: 'same-key-same-account',
      section: '7.3.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: "newAccount with the key of an account answers 200 with the account's URL in Location.",
      async run(session) {
        const account = await session.account();
        const answer = await session.newAccount(account.key, await session.newAccountPayload(account.key));
        const same = header(answer, 'location') === account.url;
        return expectThat(
          answer.status === 200 && same,
          `The CA answered ${inWords(answer)}, Location is ${same ? 'the same' : (header(answer, 'location') ?? 'absent')}.`,
          answer,
        );
      },
    },
    // RFC 8555 section 7.3.1: A request for a key that has an account is answered 200, whatever fields it has.
    {
      ...standard,
      id: 'same-key-without-fields',
      section: '7.3.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: "newAccount with the key of an account and an empty object is answered 200 with the account's URL.",
      async run(session) {
        const account = await session.account();
        const answer = await session.newAccount(account.key, {});
        const same = header(answer, 'location') === account.url;
        return expectThat(
          answer.status === 200 && same,
          `The CA answered ${inWords(answer)}, Location is ${same ? 'the same' : (header(answer, 'location') ?? 'absent')}.`,
          answer,
        );
      },
    },
    // RFC 8555 section 7.3.1: Only an update at the account URL changes an account, so newAccount ignores the fields.
    {
      ...standard,
      id: 'same-key-changes-nothing',
      section: '7.3.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'newAccount with the key of an account leaves the account unchanged.',
      async run(session) {
        const account = await session.anotherAccount();
        const contact = ['mailto:padlock@example.com'];
        await session.newAccount(account.key, { ...(await session.newAccountPayload(account.key)), contact });
        const after = jsonObject(await session.newAccount(account.key, { onlyReturnExisting: true }))?.contact;
        const changed = JSON.stringify(after ?? null).includes('padlock@example.com');
        return expectThat(!changed, `After the request, contact is ${JSON.stringify(after ?? null)}.`);
      },
    },
    // RFC 8555 section 7.3: The server ignores fields that it does not know and does not reflect them.
    {
      ...standard,
      id: 'unknown-fields-are-ignored',
      section: '7.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'newAccount ignores an unknown field and does not reflect it.',
      async run(session) {
        const answer = await newAccountWith(session, { padlockUnknownField: 'unknown' });
        if (!succeeded(answer)) return expectThat(false, `The CA refused newAccount: ${inWords(answer)}.`, answer);
        const reflected = jsonObject(answer)?.padlockUnknownField !== undefined;
        return expectThat(
          !reflected,
          `The new account ${reflected ? 'reflects' : 'does not reflect'} padlockUnknownField.`,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'new-account-answered-200',
      describes: 'newAccount answers the creation of an account with 200.',
      rfc: 8555,
      section: '7.3',
      breaks: ['new-account'],
      apply: changeAnswers(['newAccount'], (answer) => ({ ...answer, status: 200 })),
    },
    {
      name: 'account-without-orders',
      describes: 'An account object has no field orders.',
      rfc: 8555,
      section: '7.1.2',
      breaks: ['account-has-orders'],
      apply: changeAnswers(['newAccount', 'account'], (answer) => withFields(answer, { orders: undefined })),
    },
    {
      name: 'account-loses-orders',
      describes: 'An account that is read has no field orders.',
      rfc: 8555,
      section: '7.1.2',
      breaks: ['account-keeps-orders'],
      apply: changeAnswers(['account'], (answer) => withFields(answer, { orders: undefined })),
    },
    {
      name: 'known-account-needs-fields',
      describes: 'newAccount with the key of an account and an empty object is refused.',
      rfc: 8555,
      section: '7.3.1',
      breaks: ['same-key-without-fields'],
      apply: changeKnownAccount((answer, { fields }) =>
        Object.keys(fields).length === 0 ? withoutHeader(asProblem(answer, 400, 'malformed'), 'location') : answer,
      ),
    },
    {
      name: 'known-account-without-location',
      describes: 'newAccount with the key of an account has no Location, unless it is a look-up.',
      rfc: 8555,
      section: '7.3.1',
      breaks: ['same-key-same-account', 'same-key-without-fields'],
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
      describes: 'A new account reflects all fields of the request, even unknown ones.',
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
