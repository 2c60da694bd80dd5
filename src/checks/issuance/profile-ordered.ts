import { historiesOf, lastLivingState, nameOf, text } from '../../issuance/recorded-object.ts';
import { type Check, failed, passed, skipped } from '../check.ts';

/** draft-ietf-acme-profiles: the directory's meta lists profiles, and an order names one of them. */
export const profileOrdered: Check = {
  id: 'profile-ordered',
  asserts: "An Order with the Issuer's profile became valid, and the directory advertises that profile.",
  judge(evidence, issuance) {
    if (evidence.acme === undefined)
      return failed('The evidence has no record of the profiles that the directory advertises.');
    const { profiles } = evidence.acme;
    if (profiles.length === 0) return skipped(`The directory ${evidence.ca.directoryUrl} advertises no profiles.`);
    const issuer = historiesOf(evidence.objects, 'cert-manager.io', 'Issuer', evidence.subject.issuer).at(-1);
    const wanted = text(issuer && lastLivingState(issuer)?.object, 'spec', 'acme', 'profile');
    if (wanted === null) return failed('No Issuer with a profile was recorded.');
    if (!profiles.includes(wanted)) {
      return failed(`The directory does not advertise the profile ${wanted}; it advertises ${profiles.join(', ')}.`);
    }
    const [order] = issuance.orders;
    if (order === undefined) return failed('No Order was recorded.');
    const object = lastLivingState(order.history)?.object;
    const ordered = text(object, 'spec', 'profile');
    if (ordered !== wanted) {
      return failed(`${nameOf(order.history)} should name the profile ${wanted}, but names ${ordered ?? 'none'}.`);
    }
    const state = text(object, 'status', 'state');
    if (state !== 'valid')
      return failed(
        `${nameOf(order.history)} should be valid, but ${state === null ? 'has no state' : `is ${state}`}.`,
      );
    return passed(`${nameOf(order.history)} with the profile ${wanted} became valid.`);
  },
};
