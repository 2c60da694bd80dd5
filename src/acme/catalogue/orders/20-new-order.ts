import { inWords, jsonObject, succeeded } from '../../client/answer.ts';
import { withJson } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import type { Identifier } from '../../deviations/change-new-order.ts';
import { expectThat, skipped, standard } from '../check.ts';
import { group } from '../group.ts';

/** The identifiers of an order, sorted: their order means nothing (RFC 8555 section 7.4). */
function identifierSet(identifiers: unknown): string {
  if (!Array.isArray(identifiers)) return String(identifiers);
  const values = identifiers.map((one: { type?: unknown; value?: unknown }) => `${one?.type}:${one?.value}`);
  return values
    .map((value) => value.toLowerCase())
    .toSorted()
    .join(' ');
}

const orderAnswers = ['newOrder', 'order', 'finalize'] as const;

export const newOrder = group(20, 'newOrder', {
  runs: 'orders',
  checks: [
    // RFC 8555 section 7.4: The server answers with the new order, and with the order URL in Location.
    {
      ...standard,
      id: 'new-order',
      section: '7.4',
      level: 'MUST',
      basis: 'statement',
      asserts: 'newOrder answers 201 with the order and its URL in Location.',
      async run(session) {
        const { answer, authorizations, finalize: url } = await session.order();
        const right = answer.status === 201 && authorizations.length > 0 && URL.canParse(url);
        return expectThat(
          right,
          `The CA answered ${answer.status}, with Location, ${authorizations.length} authorizations, finalize ${url || 'absent'}.`,
        );
      },
    },
    // RFC 8555 section 7.4: The order reflects the identifiers of the request.
    {
      ...standard,
      id: 'order-has-the-identifiers',
      section: '7.4',
      level: 'MUST',
      basis: 'statement',
      asserts: 'The order has the requested identifiers.',
      async run(session) {
        const { identifiers } = await session.order();
        const asked = identifierSet([{ type: 'dns', value: session.name('shared') }]);
        return expectThat(
          identifierSet(identifiers) === asked,
          `The order has the identifiers ${identifierSet(identifiers)}.`,
        );
      },
    },
    // RFC 8555 section 7.1.3: The field expires is required while an order is pending or valid.
    {
      ...standard,
      id: 'pending-order-expires',
      section: '7.1.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A pending order has the field expires, an RFC 3339 date.',
      async run(session) {
        const body = jsonObject((await session.order()).answer);
        if (body?.status !== 'pending') return skipped(`the order is ${JSON.stringify(body?.status)}, not pending`);
        const right =
          typeof body.expires === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/i.test(body.expires);
        return expectThat(right, `expires is ${JSON.stringify(body.expires ?? null)}.`);
      },
    },
    // RFC 8555 section 7.1.3: Identifiers and authorizations do not change once the order exists.
    {
      ...standard,
      id: 'order-stays-the-same',
      section: '7.1.3',
      level: 'MUST',
      basis: 'keyword',
      asserts: 'A second read of an order shows the same identifiers and authorizations.',
      async run(session) {
        const order = await session.order();
        const answer = await session.read(order.account, order.url);
        if (!succeeded(answer))
          return expectThat(false, `The CA answered the read of the order with ${inWords(answer)}.`, answer);
        const body = jsonObject(answer);
        const authorizations = Array.isArray(body?.authorizations) ? body.authorizations.toSorted().join(' ') : '';
        const same =
          identifierSet(body?.identifiers) === identifierSet(order.identifiers) &&
          authorizations === order.authorizations.toSorted().join(' ');
        return expectThat(same, `The second read shows ${answer.body.slice(0, 300)}`);
      },
    },
  ],
  deviations: [
    {
      name: 'new-order-answered-200',
      describes: 'newOrder is answered 200.',
      rfc: 8555,
      section: '7.4',
      breaks: ['new-order'],
      apply: changeAnswers(['newOrder'], (answer) => ({ ...answer, status: 200 })),
    },
    {
      name: 'order-with-other-identifiers',
      describes: 'An order has other identifiers than requested.',
      rfc: 8555,
      section: '7.4',
      breaks: [
        'order-has-the-identifiers',
        'several-names',
        'mixed-case-name',
        'internationalized-name',
        'valid-order-names-its-certificate',
      ],
      apply: changeAnswers(orderAnswers, (answer) =>
        withJson(answer, (order) => ({
          ...order,
          identifiers: ((order.identifiers ?? []) as readonly Identifier[]).map(({ type, value }) => ({
            type,
            value: `other-${value}`,
          })),
        })),
      ),
    },
    {
      name: 'pending-order-without-expires',
      describes: 'A pending order has no field expires.',
      rfc: 8555,
      section: '7.1.3',
      breaks: ['pending-order-expires'],
      apply: changeAnswers(orderAnswers, (answer) =>
        withJson(answer, (order) => (order.status === 'pending' ? { ...order, expires: undefined } : order)),
      ),
    },
    {
      name: 'order-changes-authorizations',
      describes: 'A second read of an order shows other authorizations.',
      rfc: 8555,
      section: '7.1.3',
      breaks: ['order-stays-the-same'],
      apply: changeAnswers(['order'], (answer) =>
        withJson(answer, (order) => ({
          ...order,
          authorizations: ((order.authorizations ?? []) as readonly string[]).map((url) => `${url}-other`),
        })),
      ),
    },
  ],
});
