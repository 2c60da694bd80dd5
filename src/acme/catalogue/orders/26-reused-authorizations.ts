import { jsonObject, succeeded } from '../../client/answer.ts';
import { readAuthorization } from '../../client/authorization.ts';
import { sharedIssuance } from '../../client/issuance.ts';
import { withFields, withJson } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { readSigned } from '../../deviations/signed-request.ts';
import { expectThat, skipped, standard } from '../check.ts';
import { group } from '../group.ts';

export const reusedAuthorizations = group(26, 'Reused authorizations', {
  runs: 'valid authorizations',
  checks: [
    // RFC 8555 section 7.1.6: An order is ready as soon as all its authorizations are valid, also at its creation.
    {
      ...standard,
      id: 'reused-authorization-makes-ready',
      section: '7.1.6',
      level: 'MUST',
      basis: 'statement',
      asserts: 'An order whose authorizations are already valid, because the CA reuses them, is ready at once.',
      async run(session) {
        const { names, order: before } = await sharedIssuance(session);
        const { account } = before;
        const identifiers = names.map((value) => ({ type: 'dns', value }));
        const order = await session.orderOf(account, { identifiers });
        const { object } = await readAuthorization(session, account, session.authorizationOf(order));
        if (object.status !== 'valid') {
          return skipped(
            `the CA does not reuse authorizations: the new one is ${JSON.stringify(object.status ?? null)}`,
          );
        }
        const status = jsonObject(order.answer)?.status;
        const known = ' (cert-manager issue 4874: it keeps reading the pending order and finds no challenge to solve)';
        return expectThat(
          status === 'ready',
          `The authorization is valid, and the order is ${JSON.stringify(status ?? null)}${status === 'ready' ? '' : known}.`,
        );
      },
    },
    // RFC 8555 section 7.1.4: The field expires is required in a valid authorization.
    {
      ...standard,
      id: 'valid-authorization-expires',
      section: '7.1.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A valid authorization has the field expires, a date in the future.',
      async run(session) {
        const { order } = await sharedIssuance(session);
        const { object } = await readAuthorization(session, order.account, session.authorizationOf(order));
        if (object.status !== 'valid') return skipped(`the authorization is ${JSON.stringify(object.status ?? null)}`);
        const right =
          typeof object.expires === 'string' && Date.parse(object.expires) > Math.min(Date.now(), session.now());
        return expectThat(right, `expires is ${JSON.stringify(object.expires ?? null)}.`);
      },
    },
  ],
  deviations: [
    {
      name: 'reused-authorization-leaves-order-pending',
      describes: 'A new order with an already valid authorization is pending.',
      rfc: 8555,
      section: '7.1.6',
      breaks: ['reused-authorization-makes-ready'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        const { header: { kid } = {}, fields = {} } = readSigned(request) ?? {};
        const { identifiers, authorizations, status } = jsonObject(answer) ?? {};
        if (!succeeded(answer)) return answer;
        const key = `${String(kid)} ${JSON.stringify(identifiers)}`;
        if (conversation.isFor(request, 'order') && status === 'valid') conversation.memory.set(key, authorizations);
        const reused = fields.replaces === undefined ? conversation.memory.get(key) : undefined;
        return conversation.isFor(request, 'newOrder') && reused !== undefined
          ? withFields(answer, { authorizations: reused, status: 'pending' })
          : answer;
      },
    },
    {
      name: 'valid-authorization-without-expires',
      describes: 'A valid authorization has no field expires.',
      rfc: 8555,
      section: '7.1.4',
      breaks: ['valid-authorization-expires'],
      apply: changeAnswers(['authorization'], (answer) =>
        withJson(answer, (one) => (one.status === 'valid' ? { ...one, expires: undefined } : one)),
      ),
    },
  ],
});
