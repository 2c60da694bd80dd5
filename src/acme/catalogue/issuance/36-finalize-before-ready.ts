import { errorType, inWords, jsonObject } from '../../client/answer.ts';
import { finalize, sharedIssuance } from '../../client/issuance.ts';
import { acceptAnyway } from '../../deviations/accept-anyway.ts';
import { asProblem } from '../../deviations/answer-change.ts';
import { changeErrors } from '../../deviations/change-answers.ts';
import { expectThat, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { finalizeUnreadyOrder } from '../orders/finalize-unready-order.ts';

export const finalizeBeforeReady = group(36, 'Finalize before ready', {
  runs: 'orders',
  checks: [
    // RFC 8555 section 7.4: Only an order that is ready can be finalized.
    {
      ...standard,
      id: 'finalize-before-ready',
      section: '7.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers finalize of an order that is not ready with 403 orderNotReady.',
      async run(session) {
        const order = await session.anotherOrder(await session.account(), 'not-ready');
        const status = jsonObject(order.answer)?.status;
        if (status !== 'pending') return skipped(`the order is ${JSON.stringify(status)}, not pending`);
        const answer = await finalizeUnreadyOrder(session, order, 'not-ready');
        const right = answer.status === 403 && errorType(answer) === 'orderNotReady';
        return expectThat(right, `The CA answered ${inWords(answer)}.`, answer);
      },
    },
    // RFC 8555 section 7.4: Only an order that is ready can be finalized, and a valid one no longer is.
    {
      ...standard,
      id: 'finalize-of-valid-order',
      runs: 'issuance',
      section: '7.4',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The CA answers finalize of a valid order with 403 orderNotReady.',
      async run(session) {
        const { order, csr } = await sharedIssuance(session);
        const answer = await finalize(session, order, csr);
        const right = answer.status === 403 && errorType(answer) === 'orderNotReady';
        const known = ' (cert-manager issue 4441: it reads the order again only for the type orderNotReady)';
        return expectThat(right, `The CA answered ${inWords(answer)}${right ? '' : known}.`, answer);
      },
    },
  ],
  deviations: [
    {
      name: 'order-not-ready-is-malformed',
      describes: 'finalize of an order that is not ready is refused with 400 malformed.',
      rfc: 8555,
      section: '7.4',
      breaks: ['finalize-before-ready', 'finalize-of-valid-order'],
      apply: changeErrors('orderNotReady', (answer) => asProblem(answer, 400, 'malformed')),
    },
    {
      name: 'finalize-of-valid-order-accepted',
      describes: 'finalize of a valid order is accepted.',
      rfc: 8555,
      section: '7.4',
      breaks: ['finalize-of-valid-order'],
      apply: acceptAnyway(
        (_, request, conversation, refusal) =>
          errorType(refusal) === 'orderNotReady' &&
          conversation.isFor(request, 'finalize') &&
          conversation.lastGood(request.url) !== undefined,
      ),
    },
  ],
});
