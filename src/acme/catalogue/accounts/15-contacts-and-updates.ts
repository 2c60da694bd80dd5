import { errorType, inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { asProblem, withFields } from '../../deviations/answer-change.ts';
import { changeAnswers, changeErrors } from '../../deviations/change-answers.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, failed, skipped, standard, warned } from '../check.ts';
import { group } from '../group.ts';
import { newAccountWith } from './new-account-with.ts';

export const contactsAndUpdates = group(15, 'Contacts and updates', {
  runs: 'accounts',
  checks: [
    // RFC 8555 section 7.3: The error unsupportedContact is for URL schemes that the server does not support.
    {
      ...standard,
      id: 'unsupported-contact',
      section: '7.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a contact with an unsupported URL scheme as unsupportedContact.',
      async run(session) {
        const answer = await newAccountWith(session, { contact: ['padlock-unknown:nobody'] });
        if (succeeded(answer)) return warned('The CA accepted an account with the contact padlock-unknown:nobody.');
        return expectThat(errorType(answer) === 'unsupportedContact', `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.3: A mailto contact has exactly one address. The error for an unusable contact is
    // invalidContact.
    {
      ...standard,
      id: 'invalid-contact',
      section: '7.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA refuses a mailto contact with two addresses as invalidContact.',
      async run(session) {
        const answer = await newAccountWith(session, { contact: ['mailto:one@example.com,two@example.com'] });
        if (succeeded(answer)) return warned('The CA accepted an account with two addresses in one mailto contact.');
        return expectThat(errorType(answer) === 'invalidContact', `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.3: A mailto contact has no header fields.
    {
      ...standard,
      id: 'contact-with-header-fields',
      section: '7.3',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The CA refuses a mailto contact with header fields (RFC 6068) as invalidContact.',
      async run(session) {
        const answer = await newAccountWith(session, { contact: ['mailto:padlock@example.com?subject=padlock'] });
        if (succeeded(answer)) return failed('The CA accepted an account with header fields in its mailto contact.');
        return expectThat(errorType(answer) === 'invalidContact', `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.3: A server that validates contacts supports the scheme mailto.
    {
      ...standard,
      id: 'mailto-contact',
      section: '7.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA does not refuse a mailto contact as unsupportedContact.',
      async run(session) {
        const account = await session.spareAccount();
        const { contact: given = [], domain } = session.options;
        const mailto = given.find((url) => url.startsWith('mailto:')) ?? `mailto:padlock@${domain}`;
        const answer = await session.post({ url: account.url, by: account, payload: { contact: [mailto] } });
        const isUnsupported = errorType(answer) === 'unsupportedContact';
        // A CA may refuse this address, and need not accept updates.
        if (!succeeded(answer) && !isUnsupported) {
          return skipped(
            `the CA did not accept ${mailto}: ${inWords(answer)}; --contact gives an address that it accepts`,
          );
        }
        if (succeeded(answer)) await session.post({ url: account.url, by: account, payload: { contact: given } });
        return expectThat(!isUnsupported, `The CA answered an update with ${mailto} with ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.3.2: An update changes only what the client may change. The URL of the orders is the server's.
    {
      ...standard,
      id: 'account-update',
      section: '7.3.2',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers an accepted update with 200 and the account object, and ignores a change of orders.',
      async run(session) {
        // The account of a user stays as it is.
        const isForeign = session.options.accountKey !== undefined;
        const account = isForeign ? await session.spareAccount() : await session.account();
        const orders = 'https://padlock.invalid/orders';
        const payload = { contact: session.options.contact ?? [], orders };
        const answer = await session.post({ url: account.url, by: account, payload });
        if (!succeeded(answer)) return skipped(`the CA did not accept the update: ${inWords(answer)}`);
        const body = jsonObject(answer);
        const right = answer.status === 200 && body?.status === 'valid' && body.orders !== orders;
        return expectThat(
          right,
          `The CA answered ${answer.status}, orders is ${JSON.stringify(body?.orders ?? null)}.`,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'unsupported-contact-is-malformed',
      describes: 'A contact with an unsupported scheme is refused with malformed.',
      rfc: 8555,
      section: '7.3',
      breaks: ['unsupported-contact'],
      apply: changeErrors('unsupportedContact', (answer) => asProblem(answer, 400, 'malformed')),
    },
    {
      name: 'invalid-contact-is-malformed',
      describes: 'A contact with several addresses is refused with malformed.',
      rfc: 8555,
      section: '7.3',
      breaks: ['invalid-contact', 'contact-with-header-fields'],
      apply: changeErrors('invalidContact', (answer) => asProblem(answer, 400, 'malformed')),
    },
    {
      name: 'contact-with-header-fields-accepted',
      describes: 'A mailto contact with header fields is accepted.',
      rfc: 8555,
      section: '7.3',
      breaks: ['contact-with-header-fields'],
      apply: acceptAnyway(
        ({ fields: { contact } }, request, conversation, refusal) =>
          errorType(refusal) !== 'badNonce' &&
          conversation.isFor(request, 'newAccount') &&
          JSON.stringify(contact ?? null).includes('?'),
      ),
    },
    {
      name: 'mailto-is-unsupported',
      describes: 'A mailto contact is refused as unsupportedContact.',
      rfc: 8555,
      section: '7.3',
      breaks: ['mailto-contact'],
      apply: (request, forward, conversation) => {
        const isUpdate = conversation.isFor(request, 'account');
        const hasMailto = JSON.stringify(readSigned(request)?.fields.contact ?? []).includes('"mailto:');
        return isUpdate && hasMailto
          ? conversation.problem(400, 'unsupportedContact', 'only the scheme tel is supported')
          : forward(request);
      },
    },
    {
      name: 'orders-url-changed-by-client',
      describes: 'An update of an account changes its orders URL.',
      rfc: 8555,
      section: '7.3.2',
      breaks: ['account-update'],
      apply: changeAnswers(['account'], (answer, request) => {
        const orders = readSigned(request)?.fields.orders;
        return orders === undefined ? answer : withFields(answer, { orders });
      }),
    },
  ],
});
