import type { AccessLogEntry } from '../../evidence/evidence.ts';
import { field, list, text, texts } from '../../issuance/recorded-object.ts';
import {
  addressesOf,
  answers,
  describe,
  describeAnswer,
  isReachedNow,
  isToSolver,
  onTheWay,
  reachesSolver,
  requests,
  selfChecks,
  waits,
  wrongBody,
} from '../challenge-answers.ts';
import { clusterDnsStoppedRule } from '../control-plane.ts';
import { explainRefusal, policiesOfGateway } from '../gateway-refusal.ts';
import { insideWords } from '../inside-view.ts';
import { type Link, standingAlone, step } from '../link.ts';
import { matchesLabels } from '../listeners.ts';
import { isBeforePush, isOnItsWay, longestPushMs } from '../push.ts';
import { quoted, sentences } from '../rule.ts';
import { type CurrentObject, type Situation, titleOf, type WaitingChallenge } from '../situation.ts';
import { says } from '../waiting-rule.ts';

const istioGroup = 'networking.istio.io';
/** The default of meshConfig.rootNamespace. */
const rootNamespace = 'istio-system';
/** cert-manager checks again 10 s after a check that failed; a new Challenge fails while the gateway has no route yet. */
const longestBetweenChecksMs = 60_000;
/** What Node.js says of a connection that the other side closed before it answered. */
const closedByPeer = /ECONNRESET|socket hang up|EPIPE|other side closed/i;
/** What Envoy answers for an upstream that does not answer, or not in the protocol that it expects. */
const unanswered: readonly number[] = [502, 503, 504];
/** Envoy's response flags for an upstream that it cannot connect to and for no healthy upstream (Envoy's access log documentation). */
const upstreamFailureFlags = /\b(?:UF|URX|UH|UC)\b/;

/** cert-manager's own request for the challenge, from inside the cluster. */
export const selfCheckLink: Link = {
  id: 'self-check',
  title: 'self-check passes',
  needs: ['solver', 'gateway', 'name'],
  done: () => null,
  rules: [
    clusterDnsStoppedRule,
    standingAlone(
      onTheWay(
        'gateway-refuses',
        'a gateway that refuses or answers the challenge path by itself, for a policy or a direct response',
        (situation, challenge) => {
          const [last] = requests(situation, challenge);
          // The solver's route, once the gateway has it, may take the place of a direct response.
          if (
            last?.responseCodeDetails.startsWith('direct_response') &&
            isBeforePush(Date.parse(last.at), challenge, situation)
          )
            return null;
          const refusal = last === undefined ? null : explainRefusal(last, situation);
          if (last !== undefined && refusal !== null)
            return {
              verdict: `${waits}: the gateway ${situation.gatewayName} itself answers the challenge path with ${last.status}; ${refusal.by}.`,
              evidence: sentences(
                describe(last),
                ...refusal.evidence,
                says(challenge),
                describeAnswer(situation, challenge),
              ),
              remedy: refusal.remedy,
            };
          // Without an access log: the body that Envoy's RBAC filter writes.
          const outcome = last === undefined ? situation.challengeAnswer(challenge)?.outcome : undefined;
          if (outcome === undefined || 'error' in outcome || !outcome.body.startsWith('RBAC: access denied'))
            return null;
          const names = policiesOfGateway(situation, 'DENY', 'ALLOW', 'CUSTOM').map(titleOf).join(', ');
          return {
            verdict: `${waits}: the gateway ${situation.gatewayName} itself refuses the challenge path with ${outcome.status} (${quoted(outcome.body)}); ${names === '' ? 'an AuthorizationPolicy' : `one of ${names}`} is what refuses.`,
            evidence: sentences(describeAnswer(situation, challenge), says(challenge)),
            remedy:
              'Leave /.well-known/acme-challenge/* out of that policy: notPaths in a rule that denies, paths in a rule that allows.',
            confidence: 'inferred',
          };
        },
      ),
    ),
    standingAlone(
      onTheWay(
        'gateway-closes-connections',
        'a gateway that takes connections on port 80 and closes them without an answer, such as one that expects the PROXY protocol',
        (situation, challenge) => {
          if (requests(situation, challenge).length > 0) return null;
          const probe = situation.challengeAnswer(challenge);
          const isOwn = (address: string | undefined) =>
            address !== undefined && situation.gatewayAddresses.includes(address);
          const read = /read tcp \S+->\[?([^\s\]]+?)\]?:80: read: connection reset by peer/i.exec(
            challenge.reason,
          )?.[1];
          // From outside is newer than the reason.
          const isClosed =
            probe === null
              ? isOwn(read)
              : isOwn(probe.address) && 'error' in probe.outcome && closedByPeer.test(probe.outcome.error);
          const by = proxyProtocolOf(situation);
          // A listener that changes drains its connections.
          const isNew = challenge.routes.length === 0 || isOnItsWay(challenge.routes, situation);
          if (!isClosed || (by === null && isNew)) return null;
          return {
            verdict: `${waits}: the gateway ${situation.gatewayName} takes connections on port 80 and closes them without an answer${by === null ? '' : `; ${by} makes it expect the PROXY protocol, which no load balancer in front of it speaks`}.`,
            evidence: sentences(
              says(challenge),
              describeAnswer(situation, challenge),
              `The gateway's access log has no request for ${challenge.path}.`,
            ),
            remedy:
              by === null
                ? 'See what the gateway expects on port 80: the PROXY protocol (EnvoyFilter, gatewayTopology), TLS, or client addresses that a network filter (RBAC) admits.'
                : `Switch the PROXY protocol on at the load balancer, or take it away: ${by}. Envoy's allow_requests_without_proxy_protocol lets it take both.`,
            confidence: by === null ? 'unknown' : 'inferred',
          };
        },
      ),
    ),
    onTheWay(
      'strict-mtls-solver',
      'a DestinationRule that makes the gateway use mTLS to the solver',
      (situation, challenge) => {
        const [failure] = requests(situation, challenge).filter(
          (entry) =>
            entry.status === 503 &&
            isToSolver(entry) &&
            (upstreamFailureFlags.test(entry.responseFlags) || /TLS|SSL/i.test(entry.responseCodeDetails)),
        );
        const services = servicesOf(challenge);
        const rule = destinationRulesOf(situation, challenge).find((each) =>
          ['ISTIO_MUTUAL', 'MUTUAL', 'SIMPLE'].includes(text(each, 'spec', 'trafficPolicy', 'tls', 'mode') ?? ''),
        );
        const [pod] = challenge.pods;
        // For a Pod in ambient mode, ztunnel accepts mTLS. This annotation marks such Pods.
        const isAmbient = text(pod, 'metadata', 'annotations', 'ambient.istio.io/redirection') === 'enabled';
        const hasSidecar = [...list(pod, 'spec', 'containers'), ...list(pod, 'spec', 'initContainers')].some(
          (container) => text(container, 'name') === 'istio-proxy',
        );
        if (rule === undefined || hasSidecar || isAmbient) return null;
        const is503 =
          failure !== undefined || answers(situation, challenge) === 503 || challenge.reason.includes("'503'");
        if (!is503) return null;
        return {
          verdict:
            text(rule, 'spec', 'trafficPolicy', 'tls', 'mode') === 'SIMPLE'
              ? `${waits}: ${titleOf(rule)} makes the gateway use TLS to the solver, which speaks plain HTTP.`
              : `${waits}: ${titleOf(rule)} makes the gateway use mTLS to the solver, which has no sidecar.`,
          evidence: sentences(
            `Its host ${text(rule, 'spec', 'host')} covers ${services.join(', ')} with tls.mode ${text(rule, 'spec', 'trafficPolicy', 'tls', 'mode')}.`,
            failure !== undefined && describe(failure),
            says(challenge),
            describeAnswer(situation, challenge),
          ),
          remedy:
            'Remove tls.mode from the DestinationRule (Istio uses mTLS by itself where it can), or give the solver a sidecar: podTemplate with label and annotation sidecar.istio.io/inject: "true".',
        };
      },
    ),
    onTheWay(
      'solver-unreachable',
      'a gateway that has the route but cannot reach the solver',
      (situation, challenge) => {
        const [last] = requests(situation, challenge);
        if (last === undefined || !isToSolver(last) || !unanswered.includes(last.status)) return null;
        if (isOfStart(last, challenge) || isReachedNow(situation, challenge)) return null;
        const [upgrading] = destinationRulesOf(situation, challenge).filter(
          (each) => text(each, 'spec', 'trafficPolicy', 'connectionPool', 'http', 'h2UpgradePolicy') === 'UPGRADE',
        );
        const isOtherProtocol = /\bUPE\b/.test(last.responseFlags) || /protocol_error/.test(last.responseCodeDetails);
        const by = upgrading !== undefined && isOtherProtocol ? titleOf(upgrading) : null;
        const policies = networkPoliciesOf(situation, challenge).map(titleOf);
        const seen = `${last.status} ${last.responseFlags} ${last.responseCodeDetails}`;
        return {
          verdict:
            by === null
              ? `${waits}: the gateway has the route to the solver but gets no answer from it (${seen}).`
              : `${waits}: the gateway has the route to the solver but gets no answer from it (${seen}), as ${by} makes it speak HTTP/2 to the solver, which speaks HTTP/1.1.`,
          evidence: sentences(
            by !== null && `${by} has h2UpgradePolicy UPGRADE and covers ${servicesOf(challenge).join(', ')}.`,
            describe(last),
            says(challenge),
            policies.length > 0 && `NetworkPolicies that select the solver are ${policies.join(', ')}.`,
          ),
          remedy:
            by !== null
              ? `Take h2UpgradePolicy away from ${by}, or let its host not cover the Services of solvers.`
              : policies.length > 0
                ? `Let the gateway's namespace ${situation.input.subject.gateway.namespace} reach port 8089 of Pods with the label acme.cert-manager.io/http01-solver=true in ${policies.join(', ')} (ingress).`
                : 'Check the solver Pod and its Service, NetworkPolicies and AuthorizationPolicies between the gateway and the solver, and DestinationRules for it.',
        };
      },
    ),
    standingAlone(
      onTheWay(
        'inside-differs',
        'a self-check that fails inside the cluster, although the path works from outside',
        (situation, challenge) => {
          // A Pod of the trace looked now, and the same way as cert-manager, whose reason is that of its last self-check.
          const inside = situation.input.surroundings?.inside ?? null;
          const seenInside = inside?.answer && 'error' in inside.answer ? inside.answer.error : null;
          const reason = seenInside ?? challenge.reason;
          const asked = seenInside === null ? 'cert-manager' : `Pod ${inside?.pod}`;
          const lookup = /lookup (\S+)(?: on (\S+?))?: (no such host|server misbehaving|i\/o timeout)/i.exec(reason);
          const dial = /dial tcp \[?([\da-f.:]+?)\]?:(\d+): (?:connect: |i\/o )?(.*?)$/i.exec(quoted(reason));
          const ofInside = inside !== null && `From inside, Pod ${inside.pod} saw: ${quoted(insideWords(inside))}.`;
          const outside = addressesOf(situation, challenge);
          if (lookup !== null && outside.length > 0) {
            const [, , server, why] = lookup;
            return {
              verdict: `${waits}: inside the cluster the name ${challenge.host} has no address (${why}), although it has ${outside.join(', ')} outside.`,
              evidence: sentences(
                says(challenge),
                ofInside,
                server !== undefined && `${asked} asked the name server ${server}.`,
                describeAnswer(situation, challenge),
              ),
              remedy: `Let the cluster's DNS resolve ${challenge.host}: forward its zone to the name servers that have it (CoreDNS), or give cert-manager's Pod others (podDnsPolicy None with podDnsConfig). A name that did not exist a short while ago may be cached as missing (negative caching, RFC 2308).`,
            };
          }
          const missed = seenInside === null ? missedSelfCheck(situation, challenge) : null;
          if (missed !== null) {
            return {
              verdict: `${waits}: the challenge path works from outside, but cert-manager's last self-check from inside the cluster ${missed}, and the log of the gateway ${situation.gatewayName} has no self-check.`,
              evidence: sentences(says(challenge), ofInside, describeAnswer(situation, challenge)),
              remedy: `Find out what ${challenge.host} leads to inside the cluster (this trace with --from-inside looks): the cluster's DNS, hosts entries of CoreDNS, a Service that the search path of Pods finds first, a proxy of cert-manager (HTTP_PROXY), a NetworkPolicy, a load balancer without hairpinning. Let it lead to the gateway there too.`,
              confidence: 'inferred',
            };
          }
          if (dial === null || !/timeout|no route|unreachable|refused|reset/i.test(reason)) return null;
          const [, address = '', port, why = ''] = dial;
          if (outside.length > 0 && !outside.includes(address)) {
            return {
              verdict: `${waits}: inside the cluster the name ${challenge.host} has the address ${address}, where port ${port} does not answer (${quoted(why)}); outside it has ${outside.join(', ')}.`,
              evidence: sentences(says(challenge), ofInside, describeAnswer(situation, challenge)),
              remedy: `Let the cluster's DNS give ${challenge.host} the address that clients outside get (split DNS, hosts entries of CoreDNS), or an address at which port 80 of the gateway answers inside.`,
            };
          }
          // The reason is that of the last self-check. The gateway may have begun to listen, or to reach the solver, since then.
          const isOfNow = seenInside !== null || situation.ageOf(challenge.object) > longestBetweenChecksMs;
          if (port !== '80' || !reachesSolver(situation, challenge) || !isOfNow) return null;
          return {
            verdict: `${waits}: ${asked} cannot connect to ${address} port ${port} from inside the cluster (${quoted(why)}), although it answers outside.`,
            evidence: sentences(says(challenge), ofInside, describeAnswer(situation, challenge)),
            remedy: `Make the load balancer's address reachable from cert-manager's Pods: a NetworkPolicy or egress rule for cert-manager's namespace, externalTrafficPolicy: Local on a node without a gateway Pod, or a load balancer without hairpinning or with the PROXY protocol (then give ${challenge.host} the gateway's cluster address inside).`,
          };
        },
      ),
    ),
    step(
      onTheWay(
        'self-check-passes',
        'a Challenge whose route works and which continues by itself',
        (situation, challenge) => {
          const isReached = reachesSolver(situation, challenge) || isReachedNow(situation, challenge);
          if (!isReached || wrongBody.test(challenge.reason)) return null;
          const [last] = requests(situation, challenge);
          return {
            verdict: challenge.waitsForSelfCheck
              ? 'The path to the solver works; the Challenge continues with the next self-check, which cert-manager makes 10 s after a failed one.'
              : 'The path to the solver works; five self-checks must pass, 2 s apart, before the CA validates.',
            evidence: sentences(
              last !== undefined && describe(last),
              describeAnswer(situation, challenge),
              says(challenge),
            ),
            remedy: 'Nothing. This takes up to 30 s.',
          };
        },
      ),
    ),
    {
      finds: 'step',
      id: 'challenge-waits',
      recognizes: 'a Challenge that waits for a reason that no other rule recognizes',
      look(situation) {
        const { waiting } = situation;
        if (waiting === null || situation.isIssued) return null;
        return {
          verdict:
            waiting.reason === ''
              ? `${waiting.name} is ${waiting.state} and gives no reason yet.`
              : `${waiting.waitsForSelfCheck ? waits : 'The Challenge waits'}: ${quoted(waiting.reason.replace(/^Waiting for .* propagation:\s*/, ''))}.`,
          evidence: sentences(
            `${waiting.name} for ${waiting.host} is ${waiting.state}.`,
            says(waiting),
            describeAnswer(situation, waiting),
            ...requests(situation, waiting).slice(0, 1).map(describe),
          ),
          remedy: waiting.reason === '' ? 'Nothing yet. Run it again in a few seconds.' : null,
        };
      },
    },
  ],
};

/** What configures the gateway to expect the PROXY protocol, as a title; null where nothing was seen to. */
function proxyProtocolOf(situation: Situation): string | null {
  const pods = situation.gatewayPods;
  const { namespace } = situation.input.subject.gateway;
  const filter = situation.all(istioGroup, 'EnvoyFilter').find((each) => {
    const own = text(each, 'metadata', 'namespace');
    if (own !== namespace && own !== situation.mesh.rootNamespace) return false;
    const labels = field(each, 'spec', 'workloadSelector', 'labels');
    const isOfGateway =
      labels === undefined ||
      pods.some((pod) => matchesLabels({ matchLabels: labels }, field(pod, 'metadata', 'labels')));
    return isOfGateway && JSON.stringify(field(each, 'spec', 'configPatches') ?? null).includes('proxy_protocol');
  });
  if (filter !== undefined) return titleOf(filter);
  const pod = pods.find((each) =>
    /proxyProtocol/.test(text(each, 'metadata', 'annotations', 'proxy.istio.io/config') ?? ''),
  );
  return pod === undefined ? null : `the annotation proxy.istio.io/config of ${titleOf(pod)}`;
}

/** Whether a request came before the gateway could know that a solver is ready: it learns of new endpoints by a push of istiod. */
function isOfStart({ at }: AccessLogEntry, { pods }: WaitingChallenge): boolean {
  return !pods.some((pod) => {
    const ready = list(pod, 'status', 'conditions').find((each) => text(each, 'type') === 'Ready');
    if (text(ready, 'status') !== 'True') return false;
    return Date.parse(at) >= Date.parse(text(ready, 'lastTransitionTime') ?? '') + longestPushMs;
  });
}

/** The full names of the solver's Services. */
function servicesOf({ services }: WaitingChallenge): readonly string[] {
  return services.map(
    (service) => `${text(service, 'metadata', 'name')}.${text(service, 'metadata', 'namespace')}.svc.cluster.local`,
  );
}

/** The DestinationRules that the gateway applies to the solver: Istio reads those of the client's, the Service's and the root namespace. */
function destinationRulesOf(situation: Situation, challenge: WaitingChallenge): readonly CurrentObject[] {
  const namespaces = [situation.input.subject.gateway.namespace, challenge.recorded.history.namespace, rootNamespace];
  const services = servicesOf(challenge);
  return situation
    .all(istioGroup, 'DestinationRule')
    .filter(
      (each) =>
        namespaces.includes(text(each, 'metadata', 'namespace') ?? '') &&
        services.some((service) => covers(text(each, 'spec', 'host') ?? '', service)),
    );
}

/**
 * What became of the last self-check, a clause, where it did not reach the gateway: the gateway gives the key authorization to a client
 * outside, and its log has no self-check. Null otherwise.
 */
function missedSelfCheck(situation: Situation, challenge: WaitingChallenge): string | null {
  const answer = /wrong status code '\d+'|did not get expected response/i.exec(challenge.reason)?.[0];
  const isUnanswered = /context deadline exceeded|Client\.Timeout/i.test(challenge.reason);
  if ((answer === undefined && !isUnanswered) || !isReachedNow(situation, challenge)) return null;
  // The first self-checks of a new Challenge come before its route.
  const isOld =
    challenge.routes.length > 0 && challenge.routes.every((route) => situation.ageOf(route) > longestBetweenChecksMs);
  if (!isOld || !situation.seesAccessLog || selfChecks(situation, challenge).length > 0) return null;
  return answer === undefined ? 'got no answer in time' : `was answered by something else (${answer})`;
}

/** Whether the host of a DestinationRule matches a Service's full name. */
function covers(pattern: string, service: string): boolean {
  if (pattern === '*' || pattern === service) return true;
  return pattern.startsWith('*.') && service.endsWith(pattern.slice(1));
}

/** NetworkPolicies that restrict what reaches the solver's Pod. */
function networkPoliciesOf(situation: Situation, challenge: WaitingChallenge): readonly CurrentObject[] {
  const [pod] = challenge.pods;
  return situation.all('networking.k8s.io', 'NetworkPolicy').filter((policy) => {
    if (pod === undefined || text(policy, 'metadata', 'namespace') !== text(pod, 'metadata', 'namespace')) return false;
    const types = texts(policy, 'spec', 'policyTypes');
    if (types.length > 0 && !types.includes('Ingress')) return false;
    return matchesLabels(field(policy, 'spec', 'podSelector'), field(pod, 'metadata', 'labels'));
  });
}
