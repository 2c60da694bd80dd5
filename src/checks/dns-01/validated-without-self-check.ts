import { condition, describeCondition, lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed } from '../check.ts';

/** What Pebble answers when a Challenge is accepted a second time. */
const acceptedTwice = 'Cannot update challenge with status valid';

/**
 * In place of `order-completed` for an Issuer with waitInsteadOfSelfCheck: cert-manager 1.21 may accept a Challenge again that the
 * CA has validated, and then calls it `expired`, though the Order is valid (docs/upstream). No other state but `valid` will do.
 */
export const validatedWithoutSelfCheck: Check = {
  id: 'validated-without-self-check',
  asserts:
    'Every Order became valid and the Certificate is Ready; every Challenge was solved without a self-check and became valid, or expired only because cert-manager accepted it again after the CA had validated it. No TXT record remains.',
  judge(evidence, { certificate, orders, challenges }) {
    if (certificate === undefined) return failed('No Certificate was recorded.');
    const ready = condition(lastLivingState(certificate)?.object, 'Ready');
    if (ready?.status !== 'True')
      return failed(`${nameOf(certificate)} should be Ready True, but has ${describeCondition('Ready', ready)}.`);
    if (orders.length === 0 || challenges.length === 0) return failed('No Order with a Challenge was recorded.');
    for (const { history } of orders) {
      const state = text(lastLivingState(history)?.object, 'status', 'state');
      if (state !== 'valid') return failed(`${nameOf(history)} should be valid, but is ${state ?? 'without a state'}.`);
    }
    const waits = (object: unknown) => text(object, 'spec', 'solver', 'waitInsteadOfSelfCheck') !== null;
    if (!challenges.some(({ history }) => waits(lastLivingState(history)?.object)))
      return failed('No Challenge has a solver with waitInsteadOfSelfCheck.');
    let expired = 0;
    for (const { history } of challenges) {
      const object = lastLivingState(history)?.object;
      const state = text(object, 'status', 'state');
      const reason = text(object, 'status', 'reason') ?? '';
      if (state === 'valid') continue;
      if (state !== 'expired' || !reason.includes(acceptedTwice) || !waits(object)) {
        return failed(
          `${nameOf(history)} should be valid, but is ${state ?? 'without a state'} (${reason || 'no reason'}).`,
        );
      }
      expired += 1;
    }
    const left = evidence.probes.find(
      (each) => each.kind === 'dns' && each.type === 'TXT' && 'records' in each.outcome,
    );
    if (left?.kind === 'dns') return failed(`A TXT record of ${left.host} remains.`);
    return passed(
      `${challenges.length} Challenges were solved${expired === 0 ? '' : `, ${expired} of which cert-manager accepted twice and calls expired`}; ${nameOf(certificate)} is Ready, and no TXT record remains.`,
    );
  },
};
