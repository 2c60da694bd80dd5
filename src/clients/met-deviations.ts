import { deviations } from '../acme/catalogue/catalogue.ts';
import type { Deviation } from '../acme/deviations/deviation.ts';

/** Behind these, no client could get a certificate from a CA that is not in on it: the CA validates with its own token. */
const beyondClients = ['short-token'];

/** The deviations that clients meet. They order without an external account. */
export const metDeviations: readonly Deviation[] = deviations.filter(
  ({ name, needsExternalAccount }) => needsExternalAccount !== true && !beyondClients.includes(name),
);
