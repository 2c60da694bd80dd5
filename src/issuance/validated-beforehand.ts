import type { Issuance } from './issuance.ts';
import { field, lastLivingState, nameOf, text } from './recorded-object.ts';

/**
 * Why an issuance needed no Challenge: each authorization of its Orders was valid from the start, as with a CA that validates
 * domains outside of ACME or reuses authorizations. cert-manager records that as `initialState` (RFC 8555 section 7.1.6: such an
 * order is ready at once).
 *
 * @returns null if it needed one, or if the Orders do not show that
 */
export function validatedBeforehand({ orders, challenges }: Issuance): string | null {
  if (orders.length === 0 || challenges.length > 0) return null;
  const names: string[] = [];
  for (const { history } of orders) {
    const object = lastLivingState(history)?.object;
    const authorizations = field(object, 'status', 'authorizations');
    if (text(object, 'status', 'state') !== 'valid' || !Array.isArray(authorizations)) return null;
    if (!authorizations.every((one) => text(one, 'initialState') === 'valid')) return null;
    names.push(nameOf(history));
  }
  return `The authorizations of ${names.join(', ')} were valid beforehand, so there was no Challenge.`;
}
