import { field, lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { findLeaf } from '../../issuance/recorded-secret.ts';
import { type Check, failed, passed } from '../check.ts';

const dayMs = 86_400_000;
/** The Baseline Requirements' short-lived subscriber certificate, since 2026-03-15: 7 days, and no revocation data. */
const mostDays = 7;

export const leafIsShortLived: Check = {
  id: 'leaf-is-short-lived',
  asserts: 'The leaf lives for 7 days at most, and cert-manager plans its renewal before it ends.',
  judge(evidence, { certificate }) {
    const leaf = findLeaf(evidence);
    if (typeof leaf === 'string') return failed(leaf);
    const endsAt = leaf.x509.validToDate.getTime();
    const days = (endsAt - leaf.x509.validFromDate.getTime()) / dayMs;
    const seen = `The leaf lives for ${days.toFixed(2)} days`;
    if (days > mostDays) return failed(`${seen}, and a short-lived one for ${mostDays} at most.`);
    const renewal = certificate && text(lastLivingState(certificate)?.object, 'status', 'renewalTime');
    if (certificate === undefined || renewal === null || renewal === undefined)
      return failed(`${seen}, but no Certificate with a status.renewalTime was recorded.`);
    const left = (endsAt - Date.parse(renewal)) / dayMs;
    if (!(left > 0))
      return failed(`${seen}, but ${nameOf(certificate)} plans its renewal for ${renewal}, after its end.`);
    const renewBefore = field(lastLivingState(certificate)?.object, 'spec', 'renewBefore');
    return passed(
      `${seen}, and ${nameOf(certificate)} plans its renewal ${left.toFixed(2)} days before its end (${renewBefore === undefined ? 'without a renewBefore, a third of its life' : `renewBefore ${String(renewBefore)}`}).`,
    );
  },
};
