import { inWords, jsonObject, links, succeeded } from '../../client/answer.ts';
import { type AcmeSession, UnmetNeed } from '../../client/session.ts';
import { withFields, withJson, withoutHeader } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import { expectThat, failed, skipped, standard } from '../check.ts';
import { group } from '../group.ts';

/** How many pages of an orders list are read. */
const mostPages = 50;

/** The orders list with its further pages (RFC 8555 section 7.1.2.1: Link "next"). The answer is that of the last page that was read. */
async function readOrdersList(session: AcmeSession) {
  const account = await session.account();
  // So that there is an order to list.
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
  checks: [
    {
      ...standard,
      id: 'orders-list',
      section: '7.1.2.1',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'POST-as-GET of the orders URL gives a JSON object whose field orders is an array of URLs.',
      async run(session) {
        const { answer, orders, pages } = await readOrdersList(session);
        const right = succeeded(answer) && Array.isArray(orders) && orders.every((url) => typeof url === 'string');
        return expectThat(
          right,
          `It was answered ${inWords(answer)}, orders is ${Array.isArray(orders) ? `an array of ${orders.length} on ${pages} page${pages === 1 ? '' : 's'}` : JSON.stringify(orders ?? null)}.`,
        );
      },
    },
    {
      ...standard,
      id: 'orders-list-has-pending-orders',
      section: '7.1.2.1',
      level: 'SHOULD',
      basis: 'keyword',
      asserts: 'The orders list has a pending order in it.',
      async run(session) {
        // One of its own: the shared one is looked at by checks beside this one.
        const order = await session.anotherOrder(await session.account(), 'listed');
        const { answer, orders, goesOn } = await readOrdersList(session);
        if (!succeeded(answer) || !Array.isArray(orders)) return failed(`There is no list: ${inWords(answer)}.`);
        if (goesOn && !orders.includes(order.url)) return skipped(`the list goes on after ${mostPages} pages`);
        return expectThat(
          orders.includes(order.url),
          `Of ${orders.length} orders, the pending one ${orders.includes(order.url) ? 'is' : 'is not'} there.`,
        );
      },
    },
  ],
  deviations: [
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
