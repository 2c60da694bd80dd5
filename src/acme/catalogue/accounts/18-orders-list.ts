import { inWords, jsonObject, links, succeeded } from '../../client/answer.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { withFields, withJson, withoutHeader } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { expectThat, skipped, standard } from '../check.ts';
import { group } from '../group.ts';
import { failedChallenge } from '../validation/failed-challenge.ts';

/** The limit of pages to read. */
const mostPages = 50;

/** The orders list with all its pages (RFC 8555 section 7.1.2.1: Link "next"), and the answer of the last page read. */
async function readOrdersList(session: AcmeSession) {
  const account = await session.account();
  // The list needs an order.
  await session.order();
  const first = jsonObject(account.answer)?.orders;
  if (typeof first !== 'string' || !URL.canParse(first)) throw new UnmetNeed('the account has no orders URL');
  const listed: unknown[] = [];
  let url = first;
  for (let pages = 1; ; pages += 1) {
    const answer = await session.read(account, url);
    const orders = jsonObject(answer)?.orders;
    if (!Array.isArray(orders)) return { answer, orders, pages, goesOn: false };
    listed.push(...(orders as readonly unknown[]));
    const [next] = links(answer, 'next');
    if (next === undefined || !URL.canParse(next, url) || pages >= mostPages) {
      return { answer, orders: listed, pages, goesOn: next !== undefined };
    }
    url = new URL(next, url).href;
  }
}

export const ordersList = group(18, 'Orders list', {
  runs: 'accounts',
  feature: 'orders-list',
  checks: [
    // RFC 8555 section 7.1.2.1: The orders list is an object with an array of order URLs, possibly in several pages.
    {
      ...standard,
      id: 'orders-list',
      section: '7.1.2.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'The orders URL answers POST-as-GET with a JSON object whose field orders is an array of URLs.',
      async run(session) {
        const { answer, orders, pages } = await readOrdersList(session);
        const right = succeeded(answer) && Array.isArray(orders) && orders.every((url) => typeof url === 'string');
        return expectThat(
          right,
          `The CA answered ${inWords(answer)}, orders is ${Array.isArray(orders) ? `an array of ${orders.length} on ${pages} page${pages === 1 ? '' : 's'}` : JSON.stringify(orders ?? null)}.`,
          answer,
        );
      },
    },
    // RFC 8555 section 7.1.2.1: The list includes pending orders and may leave out old and invalid ones.
    {
      ...standard,
      id: 'orders-list-has-pending-orders',
      section: '7.1.2.1',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The orders list includes a pending order.',
      async run(session) {
        // An order of its own, because concurrent checks use the shared one.
        const order = await session.anotherOrder(await session.account(), 'listed');
        const { answer, orders, goesOn } = await readOrdersList(session);
        if (!succeeded(answer) || !Array.isArray(orders))
          return expectThat(false, `The CA answered no orders list: ${inWords(answer)}.`, answer);
        if (goesOn && !orders.includes(order.url)) return skipped(`the list continues after ${mostPages} pages`);
        return expectThat(
          orders.includes(order.url),
          `The list of ${orders.length} orders ${orders.includes(order.url) ? 'has' : 'lacks'} the pending order ${order.url}.`,
        );
      },
    },
    // RFC 8555 section 7.1.2.1: The list leaves out orders that are invalid.
    {
      ...standard,
      id: 'orders-list-lacks-invalid-orders',
      runs: 'challenges',
      section: '7.1.2.1',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The orders list does not include an invalid order.',
      async run(session) {
        const { account, order } = await failedChallenge(session);
        const status = jsonObject(await session.read(account, order.url))?.status;
        if (status !== 'invalid')
          return skipped(`the order of a failed challenge is ${JSON.stringify(status ?? null)}, not invalid`);
        const { answer, orders } = await readOrdersList(session);
        if (!succeeded(answer) || !Array.isArray(orders))
          return skipped(`the CA answered no orders list: ${inWords(answer)}`);
        const isThere = orders.includes(order.url);
        return expectThat(
          !isThere,
          `The list of ${orders.length} orders ${isThere ? 'has' : 'lacks'} the invalid order ${order.url}.`,
        );
      },
    },
  ],
  deviations: [
    {
      name: 'orders-list-keeps-invalid-orders',
      describes: 'The orders list has invalid orders.',
      rfc: 8555,
      section: '7.1.2.1',
      breaks: ['orders-list-lacks-invalid-orders'],
      async apply(request, forward, conversation) {
        const answer = await forward(request);
        if (!succeeded(answer)) return answer;
        const { memory } = conversation;
        if (conversation.isFor(request, 'order') && jsonObject(answer)?.status === 'invalid')
          memory.set(request.url, 'invalid');
        if (!conversation.isFor(request, 'orders')) return answer;
        const invalid = [...memory].flatMap(([url, status]) => (status === 'invalid' ? [url] : []));
        return withJson(answer, ({ orders, ...list }) => ({
          ...list,
          orders: [...new Set([...((orders ?? []) as readonly string[]), ...invalid])],
        }));
      },
    },
    {
      name: 'orders-list-is-an-array',
      describes: 'The orders list is a JSON array instead of an object.',
      rfc: 8555,
      section: '7.1.2.1',
      breaks: ['orders-list', 'orders-list-has-pending-orders'],
      apply: changeAnswers(['orders'], (answer) => withJson(answer, ({ orders }) => orders ?? [])),
    },
    {
      name: 'orders-list-is-empty',
      describes: 'The orders list is always empty.',
      rfc: 8555,
      section: '7.1.2.1',
      breaks: ['orders-list-has-pending-orders'],
      apply: changeAnswers(['orders'], (answer) => withoutHeader(withFields(answer, { orders: [] }), 'link')),
    },
  ],
});
