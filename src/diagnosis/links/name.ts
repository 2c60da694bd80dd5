import { isIP } from 'node:net';
import type { DnsProbe } from '../../evidence/evidence.ts';
import {
  addressesOf,
  describeAnswer,
  onTheWay,
  reachesSolver,
  requests,
  resolved,
  selfChecks,
  waits,
} from '../challenge-answers.ts';
import type { Link } from '../link.ts';
import { sentences } from '../rule.ts';
import type { Situation } from '../situation.ts';
import { says } from '../waiting-rule.ts';

/** The addresses of the name that is validated. */
export const nameLink: Link = {
  id: 'name',
  title: 'name leads to the gateway',
  needs: [],
  done: (situation) => {
    const { waiting } = situation;
    if (waiting === null) return null;
    if (waiting.type !== 'HTTP-01') return 'DNS-01 needs no address.';
    const addresses = addressesOf(situation, waiting);
    const own = addresses.find((each) => situation.gatewayAddresses.includes(each));
    return own === undefined ? null : `${waiting.host} has the address ${own} of the gateway ${situation.gatewayName}.`;
  },
  rules: [
    onTheWay('host-does-not-resolve', 'a host name without an address', (situation, challenge) => {
      const answers = situation.dns(challenge.host);
      const [dns] = answers;
      // A name may have only an AAAA record, and a cluster may use other name servers.
      const isGone = answers.some(({ outcome }) => 'error' in outcome && outcome.code === 'ENOTFOUND');
      const isEmpty = ['A', 'AAAA'].every((wanted) =>
        answers.some((each) => each.type === wanted && hasNoRecord(each)),
      );
      if (dns === undefined || addressesOf(situation, challenge).length > 0 || (!isGone && !isEmpty)) return null;
      if (resolved.test(challenge.reason) || selfChecks(situation, challenge).length > 0) return null;
      const code = 'error' in dns.outcome ? dns.outcome.code : null;
      return {
        verdict: `${waits}: the name ${challenge.host} has no address.`,
        evidence: sentences(
          `The name servers ${dns.servers.join(', ')} have neither an A nor an AAAA record for ${dns.host}${code === null ? '' : ` (${code})`}.`,
          says(challenge),
        ),
        remedy: `Create ${recordFor(situation)} for ${challenge.host} with the gateway's address ${situation.gatewayAddresses.join(', ') || '(not assigned yet)'}.`,
      };
    }),
    onTheWay('host-points-elsewhere', 'a host name with an address that is not the gateway', (situation, challenge) => {
      const { gatewayAddresses } = situation;
      const [dns] = situation.dns(challenge.host);
      // The addresses of a load balancer with a host name are known only to its own name server.
      const isAddress = isIP(challenge.host) > 0;
      if (
        (dns === undefined && !isAddress) ||
        gatewayAddresses.length === 0 ||
        !gatewayAddresses.every((each) => isIP(each) > 0)
      )
        return null;
      const addresses = addressesOf(situation, challenge);
      const matches = addresses.filter((address) => gatewayAddresses.includes(address));
      // A client that cannot connect over one address family uses the other.
      const strangers = addresses.filter(
        (address) =>
          !gatewayAddresses.includes(address) &&
          (matches.length === 0 || matches.some((each) => isIP(each) === isIP(address))),
      );
      // A gateway may be behind another load balancer or NAT. A self-check that reached it shows that the address is right.
      const comesThrough = selfChecks(situation, challenge).length > 0;
      // Where one address is right and another is dead, some self-checks come through and others do not.
      const failsNow = matches.length > 0 && notReached.test(challenge.reason);
      if (strangers.length === 0) return null;
      if (!failsNow && (comesThrough || reachesSolver(situation, challenge))) return null;
      if (dns === undefined || isAddress)
        return {
          verdict: `${waits}: the certificate is for the address ${challenge.host}, which is not one of the gateway ${situation.gatewayName} (${gatewayAddresses.join(', ')}).`,
          evidence: sentences(says(challenge), describeAnswer(situation, challenge)),
          remedy: `Ask for an address of the gateway in ipAddresses, or lead ${challenge.host} port 80 to it. Not every CA issues for addresses (RFC 8738).`,
        };
      return {
        verdict: `${waits}: the name ${challenge.host} points ${matches.length === 0 ? '' : 'also '}at ${strangers.join(', ')}, not ${matches.length === 0 ? '' : 'only '}at the gateway ${situation.gatewayName} (${gatewayAddresses.join(', ')}).`,
        evidence: sentences(
          `The name servers ${dns.servers.join(', ')} give it the ${addresses.length === 1 ? 'address' : 'addresses'} ${addresses.join(', ')}.`,
          requests(situation, challenge).length === 0 &&
            `The gateway's access log has no request for ${challenge.path}.`,
          says(challenge),
          describeAnswer(situation, challenge),
        ),
        remedy: `Point ${challenge.host} at ${gatewayAddresses.join(', ')}. If the present address is a load balancer in front of the gateway, check that load balancer instead.`,
      };
    }),
  ],
};

/** cert-manager's messages where an address does not answer. */
const notReached = /deadline exceeded|i\/o timeout|connection refused|no route to host|network is unreachable/i;

function hasNoRecord({ outcome }: DnsProbe): boolean {
  return 'error' in outcome ? /^(?:ENOTFOUND|ENODATA)$/.test(outcome.code ?? '') : outcome.records.length === 0;
}

/** The kind of DNS record for the gateway's addresses. */
function recordFor({ gatewayAddresses: [first = ''] }: Situation): string {
  return isIP(first) === 6 ? 'an AAAA record' : first === '' || isIP(first) === 4 ? 'an A record' : 'a CNAME record';
}
