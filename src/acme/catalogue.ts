import { accountChecks } from './account-checks.ts';
import { challengeChecks } from './challenge-checks.ts';
import type { CaCheck } from './check.ts';
import { closingChecks, orderChecks } from './order-checks.ts';
import { transportChecks } from './transport-checks.ts';

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
];

export const closingLane: readonly CaCheck[] = [...transportChecks.filter(isClosing), ...closingChecks];

/** Every check, in the order of a report. */
export const caChecks: readonly CaCheck[] = [...lanes.flat(), ...closingLane];

export type GroupState = 'implemented' | 'partly' | 'not implemented yet';

/** A group of the catalogue. What has no check is never passed: it is listed here. */
export interface CheckGroup {
  readonly number: number;
  readonly title: string;
  readonly state: GroupState;
  /** Of a group that is not implemented wholly: what no check looks at. */
  readonly missing: string | null;
}

function whole(number: number, title: string): CheckGroup {
  return { number, title, state: 'implemented', missing: null };
}

function part(number: number, title: string, missing: string): CheckGroup {
  return { number, title, state: 'partly', missing };
}

function none(number: number, title: string): CheckGroup {
  return { number, title, state: 'not implemented yet', missing: 'all of it' };
}

export const checkGroups: readonly CheckGroup[] = [
  whole(1, 'Directory'),
  part(2, 'Link index', 'challenges and certificates'),
  part(3, 'Plain GET and Content-Type', 'GET of a certificate, which needs an issuance'),
  whole(4, 'newNonce'),
  part(5, 'Nonces in answers', 'answers of challenge, finalize, certificate and revocation'),
  whole(6, 'Refused nonces'),
  whole(7, 'Forbidden and unknown algorithms'),
  whole(8, 'Algorithms of account keys'),
  part(9, 'Malformed JWS', 'detached and unencoded payloads'),
  whole(10, 'The url of a JWS'),
  whole(11, 'Unacceptable keys'),
  whole(12, 'newAccount'),
  whole(13, 'Account look-up'),
  part(14, 'Terms of service', 'changed terms: not testable from outside, as only the CA can change them'),
  part(15, 'Contacts and updates', 'mailto with hfields'),
  part(16, 'Deactivated accounts', 'orders and authorizations of a deactivated account'),
  part(17, 'Key rollover', 'an inner JWS with a nonce'),
  whole(18, 'Orders list'),
  whole(19, 'External account binding'),
  whole(20, 'newOrder'),
  part(21, 'Identifiers', 'all but an unknown type'),
  part(22, 'Wildcards', 'wildcard and apex in one order'),
  none(23, 'IP identifiers'),
  part(24, 'notBefore and notAfter', 'dates that are honoured, which needs an issuance'),
  part(25, "Another account's resources", 'certificates, and unknown ids of other resources than orders'),
  none(26, 'Reused authorizations'),
  part(27, 'Deactivated authorizations', 'a valid authorization, which needs an issuance'),
  none(28, 'When an order becomes ready'),
  part(29, 'Responding to challenges', 'a response that leads to a valid challenge'),
  none(30, 'http-01'),
  none(31, 'dns-01'),
  none(32, 'tls-alpn-01'),
  part(33, 'Failed challenges', 'retries of the CA, and its Retry-After'),
  none(34, 'CAA'),
  none(35, 'dns-account-01 and dns-persist-01'),
  whole(36, 'Finalize before ready'),
  none(37, 'CSRs'),
  none(38, 'Processing'),
  none(39, 'Certificate download'),
  none(40, 'The leaf certificate'),
  none(41, 'Revocation'),
  whole(42, 'Problem documents'),
  part(43, 'Rate limits', 'limits are not provoked: judged only where one is met'),
  none(44, 'Renewal information'),
  none(45, 'Profiles'),
];
