import type { Evidence } from '../evidence/evidence.ts';
import type { ChallengeRequest } from '../report/report.ts';
import { challengePathPrefix } from './gateway-requests.ts';
import { findIssuance } from './issuance.ts';
import { isFromCa, isSelfCheck } from './issuance-moments.ts';
import { onOneClock } from './one-clock.ts';

/**
 * The lines of the gateways' access logs for challenge paths of the issuance's hosts, in the order of their time: they
 * prove the way of a challenge (RFC 8555, section 8.3), or show where it ends.
 */
export function challengeRequestsOf(recorded: Evidence): ChallengeRequest[] {
  const { evidence } = onOneClock(recorded);
  const hosts = new Set(findIssuance(evidence).hosts.map((host) => host.toLowerCase()));
  return evidence.accessLog
    .filter(({ authority, path }) => hosts.has(authority.toLowerCase()) && path.startsWith(challengePathPrefix))
    .map((entry): ChallengeRequest => {
      const { at, method, authority, path, status, responseFlags, upstreamCluster, userAgent, pod } = entry;
      const by = isSelfCheck(entry) ? 'self-check' : isFromCa(entry, evidence.ca.userAgent) ? 'ca' : 'client';
      return { at, by, method, url: `${authority}${path}`, status, responseFlags, upstreamCluster, userAgent, pod };
    })
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
