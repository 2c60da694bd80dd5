import { z } from 'zod';
import { hostOfAuthority } from '../evidence/evidence.ts';
import { challengePathPrefix } from './gateway-requests.ts';
import { isFromCa, isSelfCheck } from './issuance-moments.ts';
import type { IssuanceReading } from './reading.ts';
import { timestamp } from './schema-atoms.ts';

export const challengeRequestSchema = z
  .strictObject({
    at: timestamp,
    by: z
      .enum(['self-check', 'ca', 'client'])
      .describe("cert-manager's self-check, the CA's validation, or anyone else"),
    method: z.string().describe('the HTTP method'),
    url: z.string().describe('host and path'),
    status: z.int().describe("the status of the gateway's answer"),
    responseFlags: z.string().describe("Envoy's response flags, '-' for none"),
    upstreamCluster: z.string().nullable().describe('where the gateway routed the request; null for nowhere'),
    userAgent: z.string().nullable().describe('the User-Agent header'),
    pod: z.string().describe('the gateway Pod, namespace/name'),
  })
  .describe("a request for a challenge path, from the gateway's access log");

export type ChallengeRequest = z.infer<typeof challengeRequestSchema>;

/**
 * The lines of the gateways' access logs for challenge paths of the issuance's hosts, in the order of their time: they
 * prove the way of a challenge (RFC 8555, section 8.3), or show where it ends.
 */
export function challengeRequestsOf({ evidence, issuance }: IssuanceReading): ChallengeRequest[] {
  const hosts = new Set(issuance.hosts.map((host) => host.toLowerCase()));
  return evidence.accessLog
    .filter(
      ({ authority, path }) =>
        hosts.has(hostOfAuthority(authority).toLowerCase()) && path.startsWith(challengePathPrefix),
    )
    .map((entry): ChallengeRequest => {
      const { at, method, authority, path, status, responseFlags, upstreamCluster, userAgent, pod } = entry;
      const by = isSelfCheck(entry) ? 'self-check' : isFromCa(entry, evidence.ca.userAgent) ? 'ca' : 'client';
      return { at, by, method, url: `${authority}${path}`, status, responseFlags, upstreamCluster, userAgent, pod };
    })
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
