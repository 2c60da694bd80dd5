import { isIP } from 'node:net';
import type { AccessLogEntry } from '../../evidence/evidence.ts';
import { text } from '../../issuance/recorded-object.ts';
import { describe, isOwnRequest } from '../challenge-answers.ts';
import { explainRefusal } from '../gateway-refusal.ts';
import type { Link } from '../link.ts';
import { triesAgain } from '../retry.ts';
import { quoted, sentences } from '../rule.ts';
import { isRejected, type Situation } from '../situation.ts';

/** A Challenge that the CA decided against. */
interface Rejected {
  readonly title: string;
  readonly host: string;
  readonly state: string;
  readonly reason: string;
  readonly isDns: boolean;
  readonly at: string;
  /** The requests of others than cert-manager and Padlock for its path, the newest first. */
  readonly requests: readonly AccessLogEntry[];
}

function rejectedOf(situation: Situation): Rejected | null {
  const failed = situation.failedChallenge;
  const state = failed?.history.states.findLast(({ object }) => isRejected(object));
  if (failed === null || state === undefined || situation.isIssued) return null;
  const path = `/.well-known/acme-challenge/${failed.token}`;
  return {
    title: `Challenge ${failed.history.namespace}/${failed.history.name}`,
    host: failed.dnsName ?? 'the host',
    state: text(state.object, 'status', 'state') ?? 'invalid',
    reason: text(state.object, 'status', 'reason') ?? 'nothing',
    isDns: text(state.object, 'spec', 'type') === 'DNS-01',
    at: state.at,
    requests: situation.input.accessLog
      .filter((entry) => entry.path === path && !isOwnRequest(entry))
      .filter(({ userAgent }) => !(userAgent?.startsWith('cert-manager') ?? false))
      .toReversed(),
  };
}

/** The CA's own request for the challenge. */
export const caRequestLink: Link = {
  id: 'ca-request',
  title: "CA's request answered",
  needs: ['self-check'],
  done: () => null,
  rules: [
    {
      id: 'caa-forbids',
      recognizes: 'CAA records that do not allow the CA to issue for the name (RFC 8659)',
      look(situation) {
        const rejected = rejectedOf(situation);
        const said = rejected?.reason ?? text(situation.order, 'status', 'reason') ?? '';
        if (situation.isIssued || !/acme:error:caa\b|\bCAA record/i.test(said)) return null;
        const records = (situation.input.surroundings?.nameRecords ?? [])
          .filter(({ type }) => type === 'CAA')
          .flatMap(({ host, records }) => records.map((record) => `${host} CAA ${record}`));
        return {
          verdict: `The CA may not issue for ${rejected?.host ?? situation.host}: a CAA record forbids it (${quoted(said)}).`,
          evidence: sentences(
            rejected !== null && `${rejected.title} is ${rejected.state}.`,
            records.length > 0 && `The name servers give ${records.join('; ')}.`,
          ),
          remedy: `Add a CAA record with the CA's identifier (the directory's meta.caaIdentities), or remove the record that forbids it. ${triesAgain(situation)}`,
        };
      },
    },
    {
      id: 'gateway-refuses-ca',
      recognizes: "a gateway that refuses the CA's own request by a policy, while the self-check came through",
      look(situation) {
        const rejected = rejectedOf(situation);
        const entry = rejected?.requests.find((each) => explainRefusal(each, situation) !== null);
        const refusal = entry === undefined ? null : explainRefusal(entry, situation);
        if (rejected === null || entry === undefined || refusal === null) return null;
        return {
          verdict: `The CA's own request for ${rejected.host} reached the gateway ${entry.pod} and was answered ${entry.status} there; ${refusal.by}.`,
          evidence: sentences(
            `${describe(entry)} Its user agent is ${entry.userAgent ?? 'unknown'}, its address ${entry.downstreamRemoteAddress ?? 'unknown'}.`,
            ...refusal.evidence,
            `${rejected.title} is ${rejected.state}: ${quoted(rejected.reason)}.`,
          ),
          remedy: `Let the challenge path through for everyone, as CAs validate from addresses that are not published. ${refusal.remedy} ${triesAgain(situation)}`,
        };
      },
    },
    {
      id: 'validation-failed',
      recognizes: 'a Challenge that the CA validated and rejected',
      look(situation) {
        const rejected = rejectedOf(situation);
        if (rejected === null) return null;
        const { host, reason, isDns, title, state, at, requests } = rejected;
        // The CA looked for a TXT record, whatever the addresses are.
        const answers = isDns ? [] : situation.dns(host);
        const addresses = answers.flatMap(({ type, outcome }) =>
          'records' in outcome ? outcome.records.map((each) => `${type} ${each}`) : [],
        );
        const strangers = isDns ? [] : strangersOf(situation, host);
        const [request] = requests;
        return {
          verdict: `The CA requested the ${isDns ? 'DNS record' : 'challenge'} of ${host} and did not get the right answer: ${quoted(reason)}.`,
          evidence: sentences(
            `${title} is ${state}, as seen at ${at}.`,
            addresses.length > 0 && `The name has the records ${addresses.join(', ')}.`,
            strangers.length > 0 &&
              `${strangers.join(', ')} is not an address of the gateway ${situation.gatewayName} (${situation.gatewayAddresses.join(', ')}).`,
            request !== undefined && `${describe(request)} It was sent by ${request.userAgent ?? 'an unknown client'}.`,
          ),
          remedy: `${remedyFor(rejected, strangers)} ${triesAgain(situation)}`,
        };
      },
    },
  ],
};

/** Addresses of a host, of either family, that are none of the gateway's. Empty where the gateway's are not known. */
function strangersOf(situation: Situation, host: string): readonly string[] {
  const own = situation.gatewayAddresses;
  if (own.length === 0 || own.some((each) => isIP(each) === 0)) return [];
  return situation
    .dns(host)
    .flatMap(({ outcome }) => ('records' in outcome ? outcome.records : []))
    .filter((address) => !own.includes(address));
}

function remedyFor({ isDns, requests }: Rejected, strangers: readonly string[]): string {
  if (isDns)
    return "cert-manager's self-check passed, so the name servers that it queries have the record. Check what the CA's resolvers see (delegation of the zone, all of its name servers, a CNAME of _acme-challenge, CAA records).";
  if (requests.length > 0)
    return "The CA's request reached the gateway, so its DNS and the load balancer are not at fault: see what answered it there.";
  if (strangers.length > 0)
    return `CAs ask every address family, IPv6 first: remove the record ${strangers.join(', ')}, or let the gateway answer there.`;
  return "cert-manager's self-check passed, so the path works from inside the cluster. Check the path from the CA (public DNS including AAAA and CAA records, firewall, load balancer).";
}
