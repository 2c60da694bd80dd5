import { lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { findLeaf } from '../../issuance/recorded-secret.ts';
import { type Check, failed, passed } from '../check.ts';

/**
 * The tolerated difference from the requested duration: cert-manager counts from the time of the order, and a CA may
 * backdate notBefore by an hour for slow clocks.
 */
const toleranceMs = 2 * 3_600_000;

/** RFC 8555 section 7.4: a CA honours the notAfter of an order or refuses the order. */
export const validityAsAsked: Check = {
  id: 'validity-as-asked',
  asserts: "The leaf is valid for the Certificate's spec.duration, and the Order requested that duration from the CA.",
  judge(evidence, issuance) {
    const { certificate, orders } = issuance;
    if (certificate === undefined) return failed('No Certificate was recorded, so the requested duration is unknown.');
    const asked = hoursOf(text(lastLivingState(certificate)?.object, 'spec', 'duration'));
    if (asked === null) return failed(`${nameOf(certificate)} was recorded without a spec.duration in hours.`);
    const order = orders.find(({ history }) => text(lastLivingState(history)?.object, 'spec', 'duration') !== null);
    if (order === undefined) {
      return failed(`No Order of ${nameOf(certificate)} has spec.duration, so no duration was requested from the CA.`);
    }
    const leaf = findLeaf(evidence);
    if (typeof leaf === 'string') return failed(leaf);
    const validMs = leaf.x509.validToDate.getTime() - leaf.x509.validFromDate.getTime();
    const seen = `${(validMs / 3_600_000).toFixed(1)} h`;
    if (Math.abs(validMs - asked * 3_600_000) > toleranceMs) {
      return failed(`${nameOf(certificate)} requests ${asked} h, but the leaf is valid for ${seen}.`);
    }
    return passed(`The leaf is valid for ${seen}; ${nameOf(certificate)} requests ${asked} h.`);
  },
};

/** The hours of a duration as the API server writes it, e.g. 48h0m0s; null when it is not in whole hours. */
function hoursOf(duration: string | null): number | null {
  const hours = /^(\d+)h(?:0m)?(?:0s)?$/.exec(duration ?? '')?.[1];
  return hours === undefined ? null : Number(hours);
}
