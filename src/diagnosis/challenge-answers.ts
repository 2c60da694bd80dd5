import { isIP } from 'node:net';
import { type AccessLogEntry, hostOfAuthority } from '../evidence/evidence.ts';
import { probeUserAgent } from '../evidence/probe-names.ts';
import { quoted, type Rule, type RuleMatch } from './rule.ts';
import type { Situation, WaitingChallenge } from './situation.ts';
import { onWaiting } from './waiting-rule.ts';

/** What the path of an HTTP-01 Challenge answers: in the gateway's access log, and to a client outside. */

/** A rule about an HTTP-01 Challenge that waits for its self-check, or for the CA. */
export function onTheWay(
  id: string,
  recognizes: string,
  look: (situation: Situation, challenge: WaitingChallenge) => RuleMatch | null,
): Rule {
  return onWaiting(id, recognizes, (situation, challenge) =>
    challenge.type === 'HTTP-01' ? look(situation, challenge) : null,
  );
}

/** The start of a verdict about the way to the solver. It is the same before the first self-check, so that the next trace says the same. */
export const waits = 'The Challenge waits for its self-check';

/** Requests of others for the challenge path in the access log, newest first. */
export function requests(situation: Situation, challenge: WaitingChallenge): readonly AccessLogEntry[] {
  return situation.input.accessLog
    .filter(({ path, authority }) => path === challenge.path && hostOfAuthority(authority) === challenge.host)
    .filter((entry) => !isOwnRequest(entry))
    .toReversed();
}

/** Whether a request is one of Padlock's own probes: a diagnosis that took them for others' would be about itself. */
export function isOwnRequest({ userAgent }: Pick<AccessLogEntry, 'userAgent'>): boolean {
  return userAgent?.startsWith(probeUserAgent) ?? false;
}

/** The requests of cert-manager's own self-check, newest first. */
export function selfChecks(situation: Situation, challenge: WaitingChallenge): readonly AccessLogEntry[] {
  return requests(situation, challenge).filter(({ userAgent }) => userAgent?.startsWith('cert-manager') ?? false);
}

/** Solvers listen on port 8089, so the upstream cluster of a request to a solver has that port in its name. */
export function isToSolver({ upstreamCluster }: AccessLogEntry): boolean {
  return upstreamCluster !== null && /\|8089\|/.test(upstreamCluster);
}

/** What Envoy's response_code_details say where the gateway answers by itself, before any upstream. */
const ownAnswer =
  /^(?:rbac_access_denied|jwt_authn|ext_authz|local_rate_limited|rate_limited|request_rate_limited|direct_response|via_lua|wasm)/i;

/** Whether the gateway answered by itself: a policy or a direct response, not an upstream and not a missing route. */
export function isAnsweredByGateway({ responseCodeDetails, responseFlags }: AccessLogEntry): boolean {
  return ownAnswer.test(responseCodeDetails) || /\b(?:UAEX|RL|RLSE)\b/.test(responseFlags);
}

/** Whether the solver itself answered, and not an application that answers every path. */
export function isAnsweredBySolver(entry: AccessLogEntry): boolean {
  return entry.status === 200 && isToSolver(entry);
}

/** cert-manager's message for a 200 whose body is not the key authorization. */
export const wrongBody = /did not get expected response/i;
/** cert-manager's messages once it has an address for the host. */
export const resolved = /wrong status code|did not get expected response|dial tcp \[?[\da-f.:]+\]?:\d+/i;

export function describe({
  at,
  status,
  responseFlags,
  responseCodeDetails,
  upstreamCluster,
  pod,
}: AccessLogEntry): string {
  const flags = responseFlags === '-' ? '' : ` ${responseFlags}`;
  return `At ${at} the gateway ${pod} answered ${status}${flags} (${responseCodeDetails})${upstreamCluster === null ? ', with no upstream' : `, from ${upstreamCluster}`}.`;
}

export function describeAnswer(situation: Situation, challenge: WaitingChallenge): string | null {
  // Nothing answers the path of a DNS-01 Challenge.
  const probe = challenge.type === 'HTTP-01' ? situation.challengeAnswer(challenge) : null;
  if (probe === null) return null;
  const answer = 'error' in probe.outcome ? quoted(probe.outcome.error) : `status ${probe.outcome.status}`;
  return `From outside, http://${challenge.host}${challenge.path} at ${probe.address} gives ${answer}.`;
}

/** The status that the challenge path has from outside. */
export function answers(situation: Situation, challenge: WaitingChallenge): number | null {
  const outcome = situation.challengeAnswer(challenge)?.outcome;
  return outcome === undefined || 'error' in outcome ? null : outcome.status;
}

/** The addresses of the host, of both families. */
export function addressesOf(situation: Situation, challenge: WaitingChallenge): readonly string[] {
  // A certificate may be for an address (RFC 8738).
  if (isIP(challenge.host) > 0) return [challenge.host];
  return situation.dns(challenge.host).flatMap(({ outcome }) => ('records' in outcome ? outcome.records : []));
}

/** Whether the solver was reached: by the gateway's access log, or because the answer is the key authorization (RFC 8555, section 8.3). */
export function reachesSolver(situation: Situation, challenge: WaitingChallenge): boolean {
  const [last] = requests(situation, challenge);
  return last === undefined ? isReachedNow(situation, challenge) : isAnsweredBySolver(last);
}

/** Whether the path gives the key authorization to a client outside: what the last self-check got was before the route came. */
export function isReachedNow(situation: Situation, challenge: WaitingChallenge): boolean {
  const outcome = situation.challengeAnswer(challenge)?.outcome;
  const token = challenge.recorded.token;
  if (outcome === undefined || 'error' in outcome || outcome.status !== 200 || token === null) return false;
  return outcome.body.startsWith(`${token}.`);
}
