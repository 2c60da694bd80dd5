import { accountChecks } from './account-checks.ts';
import { certificateChecks } from './certificate-checks.ts';
import { challengeChecks } from './challenge-checks.ts';
import type { CaCheck } from './check.ts';
import { commonNameChecks, csrChecks, finalizeChecks } from './finalize-checks.ts';
import { identifierChecks } from './identifier-checks.ts';
import { leafChecks } from './leaf-checks.ts';
import { closingChecks, orderChecks } from './order-checks.ts';
import { profileChecks } from './profile-checks.ts';
import { renewalInformationChecks } from './renewal-information-checks.ts';
import { requestedDatesChecks } from './requested-dates-checks.ts';
import { otherRevocationChecks, revocationChecks } from './revocation-checks.ts';
import { transportChecks } from './transport-checks.ts';
import { validAuthorizationChecks } from './valid-authorization-checks.ts';
import { validationLanes } from './validation-checks.ts';

/**
 * Checks that run one after the other, as they share what they change. Lanes run side by side, then the closing lane, whose
 * checks look back on all that was answered.
 */
const isClosing = ({ group }: CaCheck) => group === 42 || group === 43;

export const lanes: readonly (readonly CaCheck[])[] = [
  transportChecks.filter((check) => !isClosing(check)),
  accountChecks,
  orderChecks,
  challengeChecks,
  [...finalizeChecks, ...certificateChecks, ...leafChecks],
  csrChecks,
  [...revocationChecks, ...renewalInformationChecks],
  validAuthorizationChecks,
  [...identifierChecks, ...profileChecks],
  ...[...requestedDatesChecks, ...commonNameChecks, ...otherRevocationChecks].map((check) => [check]),
  ...validationLanes,
];

export const closingLane: readonly CaCheck[] = [...transportChecks.filter(isClosing), ...closingChecks];

/** Every check, in the order of a report. */
export const caChecks: readonly CaCheck[] = [...lanes.flat(), ...closingLane];

export type GroupState = 'implemented' | 'partly';

/** A group of the catalogue. What has no check is never passed: it is listed here. */
export interface CheckGroup {
  readonly number: number;
  readonly title: string;
  readonly state: GroupState;
  /** Of a group that is not implemented wholly: what no check looks at, and why. */
  readonly missing: string | null;
}

function whole(number: number, title: string): CheckGroup {
  return { number, title, state: 'implemented', missing: null };
}

function part(number: number, title: string, missing: string): CheckGroup {
  return { number, title, state: 'partly', missing };
}

export const checkGroups: readonly CheckGroup[] = [
  whole(1, 'Directory'),
  whole(2, 'Link index'),
  whole(3, 'Plain GET and Content-Type'),
  whole(4, 'newNonce'),
  whole(5, 'Nonces in answers'),
  whole(6, 'Refused nonces'),
  whole(7, 'Forbidden and unknown algorithms'),
  whole(8, 'Algorithms of account keys'),
  whole(9, 'Malformed JWS'),
  whole(10, 'The url of a JWS'),
  whole(11, 'Unacceptable keys'),
  whole(12, 'newAccount'),
  whole(13, 'Account look-up'),
  part(14, 'Terms of service', 'changed terms: not testable from outside, as only the CA can change them'),
  whole(15, 'Contacts and updates'),
  whole(16, 'Deactivated accounts'),
  whole(17, 'Key rollover'),
  whole(18, 'Orders list'),
  whole(19, 'External account binding'),
  whole(20, 'newOrder'),
  whole(21, 'Identifiers'),
  whole(22, 'Wildcards'),
  whole(23, 'IP identifiers'),
  whole(24, 'notBefore and notAfter'),
  whole(25, "Another account's resources"),
  whole(26, 'Reused authorizations'),
  whole(27, 'Deactivated authorizations'),
  part(28, 'When an order becomes ready', 'expired orders: not testable in a run, as orders live for hours'),
  whole(29, 'Responding to challenges'),
  whole(30, 'http-01'),
  whole(31, 'dns-01'),
  whole(32, 'tls-alpn-01'),
  whole(33, 'Failed challenges'),
  whole(34, 'CAA'),
  whole(35, 'dns-account-01 and dns-persist-01'),
  whole(36, 'Finalize before ready'),
  whole(37, 'CSRs'),
  whole(38, 'Processing'),
  whole(39, 'Certificate download'),
  whole(40, 'The leaf certificate'),
  whole(41, 'Revocation'),
  whole(42, 'Problem documents'),
  part(43, 'Rate limits', 'limits are not provoked: judged only where one is met'),
  whole(44, 'Renewal information'),
  whole(45, 'Profiles'),
];
