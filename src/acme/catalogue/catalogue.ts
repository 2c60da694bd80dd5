import type { Deviation } from '../deviations/deviation.ts';
import { newAccount } from './accounts/12-new-account.ts';
import { accountLookUp } from './accounts/13-account-look-up.ts';
import { termsOfService } from './accounts/14-terms-of-service.ts';
import { contactsAndUpdates } from './accounts/15-contacts-and-updates.ts';
import { deactivatedAccounts } from './accounts/16-deactivated-accounts.ts';
import { keyRollover } from './accounts/17-key-rollover.ts';
import { ordersList } from './accounts/18-orders-list.ts';
import { externalAccountBinding } from './accounts/19-external-account-binding.ts';
import type { CaCheck } from './check.ts';
import { renewalInformation } from './extensions/44-renewal-information.ts';
import { profiles } from './extensions/45-profiles.ts';
import { severalPerspectives } from './extensions/46-several-perspectives.ts';
import { subdomains } from './extensions/47-subdomains.ts';
import type { CheckGroup } from './group.ts';
import { finalizeBeforeReady } from './issuance/36-finalize-before-ready.ts';
import { csrs } from './issuance/37-csrs.ts';
import { processing } from './issuance/38-processing.ts';
import { certificateDownload } from './issuance/39-certificate-download.ts';
import { leafCertificate } from './issuance/40-the-leaf-certificate.ts';
import { revocation } from './issuance/41-revocation.ts';
import { lanesOf } from './lanes.ts';
import { newOrder } from './orders/20-new-order.ts';
import { identifiers } from './orders/21-identifiers.ts';
import { wildcards } from './orders/22-wildcards.ts';
import { ipIdentifiers } from './orders/23-ip-identifiers.ts';
import { notBeforeAndNotAfter } from './orders/24-not-before-and-not-after.ts';
import { anotherAccountsResources } from './orders/25-another-accounts-resources.ts';
import { reusedAuthorizations } from './orders/26-reused-authorizations.ts';
import { deactivatedAuthorizations } from './orders/27-deactivated-authorizations.ts';
import { whenAnOrderBecomesReady } from './orders/28-when-an-order-becomes-ready.ts';
import { directory } from './transport/01-directory.ts';
import { linkIndex } from './transport/02-link-index.ts';
import { plainGetAndContentType } from './transport/03-plain-get-and-content-type.ts';
import { newNonce } from './transport/04-new-nonce.ts';
import { noncesInAnswers } from './transport/05-nonces-in-answers.ts';
import { refusedNonces } from './transport/06-refused-nonces.ts';
import { forbiddenAndUnknownAlgorithms } from './transport/07-forbidden-and-unknown-algorithms.ts';
import { algorithmsOfAccountKeys } from './transport/08-algorithms-of-account-keys.ts';
import { malformedJws } from './transport/09-malformed-jws.ts';
import { urlOfJws } from './transport/10-the-url-of-a-jws.ts';
import { unacceptableKeys } from './transport/11-unacceptable-keys.ts';
import { respondingToChallenges } from './validation/29-responding-to-challenges.ts';
import { http01 } from './validation/30-http-01.ts';
import { dns01 } from './validation/31-dns-01.ts';
import { tlsAlpn01 } from './validation/32-tls-alpn-01.ts';
import { failedChallenges } from './validation/33-failed-challenges.ts';
import { caa } from './validation/34-caa.ts';
import { dnsAccount01AndDnsPersist01 } from './validation/35-dns-account-01-and-dns-persist-01.ts';
import { problemDocuments } from './whole-run/42-problem-documents.ts';
import { rateLimits } from './whole-run/43-rate-limits.ts';

/** The catalogue: every group, in the order of their numbers. */
export const groups: readonly CheckGroup[] = [
  directory,
  linkIndex,
  plainGetAndContentType,
  newNonce,
  noncesInAnswers,
  refusedNonces,
  forbiddenAndUnknownAlgorithms,
  algorithmsOfAccountKeys,
  malformedJws,
  urlOfJws,
  unacceptableKeys,
  newAccount,
  accountLookUp,
  termsOfService,
  contactsAndUpdates,
  deactivatedAccounts,
  keyRollover,
  ordersList,
  externalAccountBinding,
  newOrder,
  identifiers,
  wildcards,
  ipIdentifiers,
  notBeforeAndNotAfter,
  anotherAccountsResources,
  reusedAuthorizations,
  deactivatedAuthorizations,
  whenAnOrderBecomesReady,
  respondingToChallenges,
  http01,
  dns01,
  tlsAlpn01,
  failedChallenges,
  caa,
  dnsAccount01AndDnsPersist01,
  finalizeBeforeReady,
  csrs,
  processing,
  certificateDownload,
  leafCertificate,
  revocation,
  problemDocuments,
  rateLimits,
  renewalInformation,
  profiles,
  severalPerspectives,
  subdomains,
];

const allLanes = lanesOf(groups);

/** Checks that run one after the other; the lanes run side by side. */
export const lanes: readonly (readonly CaCheck[])[] = allLanes.slice(0, -1);

/** Runs when the others have ended: its checks judge everything that the CA has answered. */
export const lastLane: readonly CaCheck[] = allLanes.at(-1) ?? [];

/** Every check, in the order of a report. */
export const caChecks: readonly CaCheck[] = allLanes.flat();

/** Every deviation, in the order of the catalogue. */
export const deviations: readonly Deviation[] = groups.flatMap((group) => group.deviations);

/** A group in a report. `missing` says what no check looks at: that part never counts as passed. */
export interface GroupSummary {
  readonly number: number;
  readonly title: string;
  readonly state: 'implemented' | 'partly';
  readonly missing: string | null;
}

export const groupSummaries: readonly GroupSummary[] = groups.map(({ number, title, missing }) => ({
  number,
  title,
  state: missing === null ? 'implemented' : 'partly',
  missing,
}));
