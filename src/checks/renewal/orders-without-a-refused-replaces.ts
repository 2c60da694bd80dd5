import { lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

/** A certificate can be replaced once (RFC 9773 section 5). One that is renewed again, as after a restore, needs an order without the field. */
export const ordersWithoutARefusedReplaces: Check = {
  id: 'orders-without-a-refused-replaces',
  asserts:
    'Two Orders name the same certificate in `replaces`; the CA took that once and refused it once, and cert-manager then ordered without it, so that both became valid.',
  judge({ ca }, { orders }) {
    const named = orders
      .flatMap((order) => {
        const replaces = text(lastLivingState(order.history)?.object, 'spec', 'replaces');
        return replaces === null ? [] : [{ ...order, replaces }];
      })
      .toSorted((a, b) => ((a.history.states[0]?.at ?? '') < (b.history.states[0]?.at ?? '') ? -1 : 1));
    const last = named.at(-1);
    const first = named.find((one) => one !== last && one.replaces === last?.replaces);
    if (last === undefined || first === undefined)
      return failed(
        `No certificate was named in \`replaces\` by two Orders: ${named.map(({ history, replaces }) => `${nameOf(history)} replaces ${replaces}`).join(', ') || `none of ${orders.length} Order(s) has the field`}.`,
      );
    for (const { history } of [first, last]) {
      const state = lastLivingState(history)?.object;
      if (text(state, 'status', 'state') !== 'valid')
        return failed(
          `${nameOf(history)} replaces ${last.replaces}, but is ${text(state, 'status', 'state') ?? 'in no state'} (${text(state, 'status', 'reason') ?? 'without a reason'}).`,
        );
    }
    const count = (words: RegExp) => ca.log.filter(({ line }) => words.test(line)).length;
    const replacements = count(/is a replacement of/);
    if (replacements !== 1)
      return failed(`The CA's log shows ${replacements} replacement(s), but the certificate can be replaced once.`);
    const [asked, made] = [count(/POST \/order-plz -> calling/), count(/Added order/)];
    if (asked <= made)
      return failed(
        `The CA got ${asked} request(s) for an order and made ${made}: it refused none, so that \`replaces\` was not sent a second time.`,
      );
    return passed(
      `${nameOf(first.history)} and ${nameOf(last.history)} both replace ${last.replaces}. The CA took that once, refused ${asked - made} of ${asked} requests, and both Orders are valid.`,
    );
  },
};
