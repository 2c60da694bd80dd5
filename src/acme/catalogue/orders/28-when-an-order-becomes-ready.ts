import { jsonObject } from '../../client/answer.ts';
import { authorizationsOf, readUntil, TookTooLong } from '../../client/authorization.ts';
import { oncePerSession } from '../../client/once-per-session.ts';
import { type AcmeSession, type Order, UnmetNeed } from '../../client/session.ts';
import { solve } from '../../client/solve.ts';
import { withFields } from '../../deviations/answer-change.ts';
import { changeAnswers } from '../../deviations/change-answers.ts';
import type { Deviation } from '../../deviations/deviation.ts';
import { expectThat, failed, passed } from '../check.ts';
import { group } from '../group.ts';

const common = {
  rfc: 8555,
  section: '7.1.6',
  group: 28,
  profile: 'standard',
  level: 'MUST',
  basis: 'statement',
} as const;

/** From the last valid authorization to the order's status ready. Nothing is left to be done in this time. */
const readyWithinSeconds = 15;

interface TwoNames {
  readonly order: Order;
  /** The status of the order with one valid and one pending authorization. */
  readonly afterFirst: unknown;
}

/** An order for two names. Its authorizations become valid one after the other. Once per run. */
const twoNames = oncePerSession(makeTwoNames);

async function makeTwoNames(session: AcmeSession): Promise<TwoNames> {
  void session.responders;
  const account = await session.account();
  const identifiers = session.names(['ready-1', 'ready-2']).map((value) => ({ type: 'dns', value }));
  const order = await session.orderOf(account, { identifiers });
  let afterFirst: unknown;
  for (const [index, authorization] of (await authorizationsOf(session, order)).entries()) {
    if (index === 1) afterFirst = jsonObject(await session.read(account, order.url))?.status;
    const { object } = await solve(session, account, authorization);
    if (object.status !== 'valid') throw new UnmetNeed(`an authorization became ${String(object.status)}`);
  }
  return { order, afterFirst };
}

/** Changes the status of the order for two names. */
function changeReadiness(from: string, to: string): Deviation['apply'] {
  return changeAnswers(['order'], (answer) =>
    answer.body.includes('"ready-1.') && jsonObject(answer)?.status === from
      ? withFields(answer, { status: to })
      : answer,
  );
}

export const whenAnOrderBecomesReady = group(28, 'When an order becomes ready', {
  runs: 'progress',
  missing: 'expired orders: not testable in a run, because orders live for hours',
  checks: [
    // RFC 8555 section 7.1.6: An order stays pending until every authorization is valid.
    {
      ...common,
      id: 'order-waits-for-all-authorizations',
      asserts: 'An order is pending until all its authorizations are valid.',
      async run(session) {
        const { afterFirst } = await twoNames(session);
        return expectThat(
          afterFirst === 'pending',
          `With one of two authorizations valid, the order was ${JSON.stringify(afterFirst ?? null)}.`,
        );
      },
    },
    // RFC 8555 section 7.1.6: An order becomes ready when all its authorizations are valid.
    {
      ...common,
      id: 'order-becomes-ready',
      asserts: 'An order is ready once its last authorization is valid.',
      async run(session) {
        const { order } = await twoNames(session);
        const { account, url } = order;
        const what = 'the status ready of an order whose authorizations are all valid';
        try {
          const isReady = (_: unknown, { status }: Readonly<Record<string, unknown>>) => status === 'ready';
          await readUntil(session, { account, url, what, withinSeconds: readyWithinSeconds }, isReady);
          return passed('With both authorizations valid, the order was ready.');
        } catch (error) {
          if (!(error instanceof TookTooLong)) throw error;
          return failed(`${error.message} (cert-manager issues 2868 and 5602).`);
        }
      },
    },
  ],
  deviations: [
    {
      name: 'ready-too-soon',
      describes: 'An order is ready once the first of its authorizations is valid.',
      rfc: 8555,
      section: '7.1.6',
      breaks: ['order-waits-for-all-authorizations'],
      apply: changeReadiness('pending', 'ready'),
    },
    {
      name: 'never-ready',
      describes: 'An order with several names stays pending after all its authorizations are valid.',
      rfc: 8555,
      section: '7.1.6',
      breaks: ['order-becomes-ready'],
      apply: changeReadiness('ready', 'pending'),
    },
  ],
});
