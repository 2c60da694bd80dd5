import type { Evidence, HttpProbe } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { describeError, httpProbe } from '../../issuance/recorded-probe.ts';
import { type Check, failed, passed, warned } from '../check.ts';

const { otherSite, coalescedTwoGateways, coalescedOneGateway } = probeNames;
/** Misdirected Request (RFC 9110 section 15.5.20): the client sends the request again over a connection of its own. */
const misdirected = 421;

/** A server is free to answer 421 or to serve, but 404 makes a client believe that there is no such page. */
export const coalescedRequestFindsItsSite: Check = {
  id: 'coalesced-request-finds-its-site',
  asserts:
    'A request for one site that comes over the HTTP/2 connection of another is answered by its own site where one Gateway serves the wildcard. Where each site has a Gateway, it is answered so or with 421; with 404 the check passes with a warning.',
  judge(evidence) {
    const site = answerOf(evidence, otherSite);
    const apart = answerOf(evidence, coalescedTwoGateways);
    const together = answerOf(evidence, coalescedOneGateway);
    if (typeof site === 'string') return failed(site);
    if (typeof apart === 'string') return failed(apart);
    if (typeof together === 'string') return failed(together);
    if (site.status !== 200)
      return failed(
        `Over a connection of its own, ${site.url} should be answered 200, but was answered ${site.status}.`,
      );
    if (together.status !== 200)
      return failed(
        `With one Gateway for the wildcard, ${together.url} over the connection of ${together.serverName} should be answered 200, but was answered ${together.status}.`,
      );
    const seen = `With a Gateway for each site, ${apart.url} over the connection of ${apart.serverName} was answered ${apart.status}`;
    const cured = 'with one Gateway for the wildcard it was answered 200';
    if (apart.status === 200 || apart.status === misdirected) return passed(`${seen}; ${cured}.`);
    if (apart.status !== 404) return failed(`${seen}, which is neither the site nor ${misdirected}.`);
    return warned(
      `${seen}, so a browser shows that there is no such page; 421 would make it connect again (RFC 9110 section 15.5.20). Serve all names of the wildcard by one Gateway: ${cured}.`,
    );
  },
};

interface Answer {
  readonly url: string;
  readonly serverName: string;
  readonly status: number;
}

/** The answer of a probe over HTTP/2, or a sentence that explains why there is none to judge. */
function answerOf(evidence: Evidence, name: string): Answer | string {
  const probe: HttpProbe | undefined = httpProbe(evidence, name);
  if (probe === undefined) return `The evidence has no HTTP probe "${name}".`;
  const { outcome, url, serverName } = probe;
  if ('error' in outcome) return `The request ${url} failed: ${describeError(outcome)}.`;
  if (outcome.httpVersion !== '2') return `The request ${url} went over HTTP/${outcome.httpVersion}, not HTTP/2.`;
  const connected = new URL(url).hostname;
  if ((name !== otherSite) === (serverName === undefined || serverName === connected))
    return `HTTP probe "${name}" of ${url} went over a connection to ${serverName ?? connected}.`;
  return { url, serverName: serverName ?? connected, status: outcome.status };
}
