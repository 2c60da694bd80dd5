import { errorType, header, inWords } from '../../client/answer.ts';
import { asProblem, withoutHeader } from '../../deviations/answer-change.ts';
import { changeErrors } from '../../deviations/change-answers.ts';
import { changeKnownAccount } from '../../deviations/change-known-account.ts';
import { expectThat, readOnly, standard } from '../check.ts';
import { group } from '../group.ts';

export const accountLookUp = group(13, 'Account look-up', {
  runs: 'accounts',
  checks: [
    // RFC 8555 section 7.3.1: With onlyReturnExisting the server creates no account and says that there is none.
    {
      ...readOnly,
      id: 'look-up-of-unknown-key',
      section: '7.3.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'onlyReturnExisting with an unknown key is answered 400 accountDoesNotExist.',
      async run(session) {
        const by = await session.key('look-up');
        const answer = await session.newAccount(by, { onlyReturnExisting: true });
        const right = answer.status === 400 && errorType(answer) === 'accountDoesNotExist';
        return expectThat(right, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.3.1: With onlyReturnExisting a client finds the URL of its account. It needs no binding for
    // that.
    {
      ...standard,
      id: 'look-up-of-known-key',
      section: '7.3.1',
      level: 'MUST',
      basis: 'keyword',
      asserts:
        "onlyReturnExisting with the key of an account, without a binding, is answered 200 with the account's URL.",
      async run(session) {
        const account = await session.account();
        const answer = await session.newAccount(account.key, { onlyReturnExisting: true });
        const right = answer.status === 200 && header(answer, 'location') === account.url;
        const known = ' cert-manager then reports "No Key ID" (cert-manager issues 7388, 5987 and 7830).';
        return expectThat(right, `The CA answered ${inWords(answer)}.${right ? '' : known}`, answer);
      },
    },
  ],
  deviations: [
    {
      name: 'unknown-account-answered-404',
      describes: 'A look-up of an account that does not exist is answered 404.',
      rfc: 8555,
      section: '7.3.1',
      breaks: ['look-up-of-unknown-key'],
      apply: changeErrors('accountDoesNotExist', (answer) => asProblem(answer, 404, 'accountDoesNotExist')),
    },
    {
      name: 'look-up-needs-binding',
      describes: 'A look-up of an existing account is refused with externalAccountRequired.',
      rfc: 8555,
      section: '7.3.1',
      breaks: ['look-up-of-known-key'],
      apply: changeKnownAccount((answer, { fields }) =>
        fields.onlyReturnExisting === true
          ? withoutHeader(asProblem(answer, 403, 'externalAccountRequired'), 'location')
          : answer,
      ),
    },
  ],
});
