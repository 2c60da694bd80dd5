import { isIP } from 'node:net';
import type { AccessLogEntry, DnsProbe } from '../evidence/evidence.ts';
import { namesHost } from '../evidence/hosts-of-object.ts';
import { field, list, text, texts } from '../issuance/recorded-object.ts';
import { quoted, type Rule, type RuleMatch, sentences } from './rule.ts';
import { type CurrentObject, type Situation, titleOf, type WaitingChallenge } from './situation.ts';
import { startingSolverRules } from './solver-rules.ts';
import { onWaiting, says } from './waiting-rule.ts';

const istioGroup = 'networking.istio.io';
/** The name of istiod's Ingress controller in an IngressClass. */
const istioIngressController = 'istio.io/ingress-controller';
/** The default of meshConfig.rootNamespace. */
const rootNamespace = 'istio-system';
/** Envoy's response flags for an upstream that it cannot connect to and for no healthy upstream (Envoy's access log documentation). */
const upstreamFailureFlags = /\b(?:UF|URX|UH|UC)\b/;

/** A rule about an HTTP-01 Challenge that waits for its self-check, or for the CA. */
function onTheWay(
  id: string,
  recognizes: string,
  look: (situation: Situation, challenge: WaitingChallenge) => RuleMatch | null,
): Rule {
  return onWaiting(id, recognizes, (situation, challenge) =>
    challenge.type === 'HTTP-01' ? look(situation, challenge) : null,
  );
}

/** What a Challenge waits for, as the start of a verdict. */
function waitsFor(challenge: WaitingChallenge): string {
  return challenge.waitsForSelfCheck ? 'The Challenge waits for its self-check' : 'The Challenge waits';
}

/** Requests for the challenge path in the access log, newest first. */
function requests(situation: Situation, challenge: WaitingChallenge): readonly AccessLogEntry[] {
  return situation.input.accessLog
    .filter(({ path, authority }) => path === challenge.path && authority === challenge.host)
    .toReversed();
}

/** The requests of cert-manager's own self-check, newest first. Our probes send requests too. */
function selfChecks(situation: Situation, challenge: WaitingChallenge): readonly AccessLogEntry[] {
  return requests(situation, challenge).filter(({ userAgent }) => userAgent?.startsWith('cert-manager') ?? false);
}

/** Solvers listen on port 8089, so the upstream cluster of a request to a solver has that port in its name. */
function isToSolver({ upstreamCluster }: AccessLogEntry): boolean {
  return upstreamCluster !== null && /\|8089\|/.test(upstreamCluster);
}

/** Whether the solver itself answered, and not an application that answers every path. */
function isAnsweredBySolver(entry: AccessLogEntry): boolean {
  return entry.status === 200 && isToSolver(entry);
}

/** cert-manager's message for a 200 whose body is not the key authorization. */
const wrongBody = /did not get expected response/i;
/** cert-manager's messages once it has an address for the host. */
const resolved = /wrong status code|did not get expected response|dial tcp \[?[\da-f.:]+\]?:\d+/i;

function describe({ at, status, responseFlags, responseCodeDetails, upstreamCluster, pod }: AccessLogEntry): string {
  const flags = responseFlags === '-' ? '' : ` ${responseFlags}`;
  return `At ${at} the gateway ${pod} answered ${status}${flags} (${responseCodeDetails})${upstreamCluster === null ? ', with no upstream' : `, from ${upstreamCluster}`}.`;
}

function describeAnswer(situation: Situation, challenge: WaitingChallenge): string | null {
  // Nothing answers the path of a DNS-01 Challenge.
  const probe = challenge.type === 'HTTP-01' ? situation.challengeAnswer(challenge) : null;
  if (probe === null) return null;
  const answer = 'error' in probe.outcome ? quoted(probe.outcome.error) : `status ${probe.outcome.status}`;
  return `From outside, http://${challenge.host}${challenge.path} at ${probe.address} gives ${answer}.`;
}

/** The class that an Ingress names, by field or by the older annotation. */
function classOf(ingress: CurrentObject): string | null {
  return (
    text(ingress, 'spec', 'ingressClassName') ?? text(ingress, 'metadata', 'annotations', 'kubernetes.io/ingress.class')
  );
}

function hasAddress(ingress: CurrentObject): boolean {
  return list(ingress, 'status', 'loadBalancer', 'ingress').length > 0;
}

/** Rules about a solver's Ingress: its class decides which controller serves it. */
const ingressRules: readonly Rule[] = [
  onTheWay('missing-ingress-class', 'a solver Ingress of a class that does not exist', (situation, challenge) => {
    const ingress = challenge.routes.find((route) => text(route, 'kind') === 'Ingress');
    // With the annotation, Istio serves a class that has no IngressClass object.
    const name = text(ingress, 'spec', 'ingressClassName');
    if (ingress === undefined || name === null || hasAddress(ingress) || situation.couldNotSee('IngressClass'))
      return null;
    const classes = situation
      .all('networking.k8s.io', 'IngressClass')
      .map((each) => text(each, 'metadata', 'name') ?? '');
    if (classes.includes(name)) return null;
    return {
      verdict: `${waitsFor(challenge)}: the gateway ${situation.gatewayName} has no route for ${challenge.path} because no IngressClass '${name}' exists.`,
      evidence: sentences(
        `${titleOf(ingress)} asks for the class ${name} and has no address.`,
        `IngressClasses are ${classes.join(', ') || 'none'}; Istio silently ignores an Ingress whose class does not exist.`,
        says(challenge),
        describeAnswer(situation, challenge),
      ),
      remedy: `Create the IngressClass '${name}' (controller ${istioIngressController}), or set class: istio instead of ingressClassName in spec.acme.solvers[].http01.ingress, which needs no IngressClass.`,
    };
  }),
  onTheWay(
    'ingress-class-of-another',
    'a solver Ingress of a class that another controller serves',
    (situation, challenge) => {
      const ingress = challenge.routes.find((route) => text(route, 'kind') === 'Ingress');
      const name = ingress === undefined ? null : classOf(ingress);
      const found = situation
        .all('networking.k8s.io', 'IngressClass')
        .find((each) => text(each, 'metadata', 'name') === name);
      const controller = text(found, 'spec', 'controller');
      if (ingress === undefined || controller === null || controller === istioIngressController) return null;
      // If the host points at that controller, or the solver is reached, the class is intended.
      const taken = list(ingress, 'status', 'loadBalancer', 'ingress').map((entry) => text(entry, 'ip'));
      if (addressesOf(situation, challenge).some((address) => taken.includes(address))) return null;
      if (reachesSolver(situation, challenge)) return null;
      return {
        verdict: `${waitsFor(challenge)}: the IngressClass '${name}' belongs to ${controller}, so the Istio gateway gets no route for ${challenge.path}.`,
        evidence: sentences(
          `${titleOf(ingress)} asks for the class ${name}.`,
          says(challenge),
          describeAnswer(situation, challenge),
        ),
        remedy: `Use an IngressClass of the controller ${istioIngressController}, or point the host at the gateway of ${controller}.`,
      };
    },
  ),
  onTheWay('ingress-without-class', 'a solver Ingress without a class', (situation, challenge) => {
    const ingress = challenge.routes.find((route) => text(route, 'kind') === 'Ingress');
    if (ingress === undefined || classOf(ingress) !== null || hasAddress(ingress)) return null;
    return {
      verdict: `${waitsFor(challenge)}: ${titleOf(ingress)} names no class, and no controller serves it.`,
      evidence: sentences(says(challenge), describeAnswer(situation, challenge)),
      remedy: 'Set spec.acme.solvers[].http01.ingress.ingressClassName in the Issuer, e.g. to istio.',
    };
  }),
];

/** A rule about a solver's HTTPRoute: its Gateway decides whether to accept it. */
const httpRouteRules: readonly Rule[] = [
  onTheWay('http-route-not-accepted', 'a solver HTTPRoute that no Gateway accepts', (situation, challenge) => {
    for (const route of challenge.routes) {
      if (text(route, 'kind') !== 'HTTPRoute') continue;
      const wanted = list(route, 'spec', 'parentRefs').map((reference) => parentName(reference, route));
      const parents = list(route, 'status', 'parents');
      const conditions = parents.flatMap((parent) => list(parent, 'conditions'));
      const bad = conditions.find((each) => text(each, 'status') === 'False');
      // One parent that accepts it is enough. Others may refuse it, for example where an annotation names the same Gateway again.
      const isTaken = parents.some((parent) => {
        const states = list(parent, 'conditions');
        return states.length > 0 && states.every((each) => text(each, 'status') === 'True');
      });
      if (isTaken || (parents.length > 0 && bad === undefined)) continue;
      const why =
        bad === undefined
          ? 'no controller accepted it, so the Gateway does not exist or no controller serves its class'
          : `${text(bad, 'type')} is False, ${text(bad, 'reason')}: ${quoted(text(bad, 'message') ?? '')}`;
      return {
        verdict: `${waitsFor(challenge)}: ${titleOf(route)} is not attached to ${wanted.join(', ') || 'any Gateway'}: ${why}.`,
        evidence: sentences(
          `It asks for ${wanted.join(', ') || 'no parent'}.`,
          says(challenge),
          describeAnswer(situation, challenge),
        ),
        remedy:
          'Set spec.acme.solvers[].http01.gatewayHTTPRoute.parentRefs to a Gateway with an HTTP listener on port 80 for the host. If the Gateway is in another namespace, its listener needs allowedRoutes.namespaces, whose default is Same.',
      };
    }
    return null;
  }),
];

function parentName(reference: unknown, route: CurrentObject): string {
  const namespace = text(reference, 'namespace') ?? text(route, 'metadata', 'namespace') ?? '';
  return `${text(reference, 'kind') ?? 'Gateway'} ${namespace}/${text(reference, 'name') ?? ''}`;
}

/** Rules about the addresses of the host. */
const nameRules: readonly Rule[] = [
  onTheWay('host-does-not-resolve', 'a host name without an address', (situation, challenge) => {
    const answers = situation.dns(challenge.host);
    const [dns] = answers;
    // A name may have only an AAAA record, and a cluster may use other name servers.
    const isGone = answers.some(({ outcome }) => 'error' in outcome && outcome.code === 'ENOTFOUND');
    const isEmpty = ['A', 'AAAA'].every((wanted) => answers.some((each) => each.type === wanted && hasNoRecord(each)));
    if (dns === undefined || addressesOf(situation, challenge).length > 0 || (!isGone && !isEmpty)) return null;
    if (resolved.test(challenge.reason) || selfChecks(situation, challenge).length > 0) return null;
    const code = 'error' in dns.outcome ? dns.outcome.code : null;
    return {
      verdict: `${waitsFor(challenge)}: the name ${challenge.host} has no address.`,
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
    if (dns === undefined || gatewayAddresses.length === 0 || !gatewayAddresses.every((each) => isIP(each) > 0))
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
    if (strangers.length === 0 || comesThrough || reachesSolver(situation, challenge)) return null;
    return {
      verdict: `${waitsFor(challenge)}: the name ${challenge.host} points ${matches.length === 0 ? '' : 'also '}at ${strangers.join(', ')}, not ${matches.length === 0 ? '' : 'only '}at the gateway ${situation.gatewayName} (${gatewayAddresses.join(', ')}).`,
      evidence: sentences(
        `The name servers ${dns.servers.join(', ')} give it the ${addresses.length === 1 ? 'address' : 'addresses'} ${addresses.join(', ')}.`,
        requests(situation, challenge).length === 0 && `The gateway's access log has no request for ${challenge.path}.`,
        says(challenge),
        describeAnswer(situation, challenge),
      ),
      remedy: `Point ${challenge.host} at ${gatewayAddresses.join(', ')}. If the present address is a load balancer in front of the gateway, check that load balancer instead.`,
    };
  }),
];

function hasNoRecord({ outcome }: DnsProbe): boolean {
  return 'error' in outcome ? /^(?:ENOTFOUND|ENODATA)$/.test(outcome.code ?? '') : outcome.records.length === 0;
}

/** The addresses of the host, of both families. */
function addressesOf(situation: Situation, challenge: WaitingChallenge): readonly string[] {
  return situation.dns(challenge.host).flatMap(({ outcome }) => ('records' in outcome ? outcome.records : []));
}

/** The kind of DNS record for the gateway's addresses. */
function recordFor({ gatewayAddresses: [first = ''] }: Situation): string {
  return isIP(first) === 6 ? 'an AAAA record' : first === '' || isIP(first) === 4 ? 'an A record' : 'a CNAME record';
}

/** The status that the challenge path has from outside. */
function answers(situation: Situation, challenge: WaitingChallenge): number | null {
  const outcome = situation.challengeAnswer(challenge)?.outcome;
  return outcome === undefined || 'error' in outcome ? null : outcome.status;
}

/** Whether the solver was reached: by the gateway's access log, or because the answer is the key authorization (RFC 8555, section 8.3). */
function reachesSolver(situation: Situation, challenge: WaitingChallenge): boolean {
  const [last] = requests(situation, challenge);
  if (last !== undefined) return isAnsweredBySolver(last);
  const outcome = situation.challengeAnswer(challenge)?.outcome;
  const token = challenge.recorded.token;
  if (outcome === undefined || 'error' in outcome || outcome.status !== 200 || token === null) return false;
  return outcome.body.startsWith(`${token}.`);
}

/** A rule about a gateway that redirects the request. */
const redirectRules: readonly Rule[] = [
  onTheWay(
    'redirect-same-host',
    'a Gateway that redirects the host of the challenge to HTTPS (istio#27643)',
    (situation, challenge) => {
      const redirecting = situation
        .all(istioGroup, 'Gateway')
        .find((gateway) =>
          list(gateway, 'spec', 'servers').some(
            (server) =>
              field(server, 'tls', 'httpsRedirect') === true &&
              texts(server, 'hosts').some((pattern) => namesHost(pattern, challenge.host)),
          ),
        );
      // With an upstream, the upstream sent the redirect and not the Gateway.
      const redirected = requests(situation, challenge).find(
        ({ status, upstreamCluster }) => status >= 301 && status <= 308 && upstreamCluster === null,
      );
      const answered = requests(situation, challenge).length > 0 ? null : answers(situation, challenge);
      const isRedirected = redirected !== undefined || (answered !== null && answered >= 301 && answered <= 308);
      if (redirecting === undefined || !isRedirected) return null;
      const gateway = `${text(redirecting, 'metadata', 'namespace')}/${text(redirecting, 'metadata', 'name')}`;
      return {
        verdict: `${waitsFor(challenge)}: the Gateway ${gateway} redirects ${challenge.host} to HTTPS (tls.httpsRedirect), including the challenge path, and no solver answers there.`,
        evidence: sentences(
          redirected !== undefined && describe(redirected),
          describeAnswer(situation, challenge),
          says(challenge),
        ),
        remedy: `Remove tls.httpsRedirect from the port-80 server for ${challenge.host}, and redirect in a VirtualService whose match excludes /.well-known/acme-challenge/.`,
      };
    },
  ),
];

/** Rules about the path from the gateway to the solver. */
const gatewayRules: readonly Rule[] = [
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
      // Istio reads DestinationRules only from the namespaces of the client and of the Service and from the root namespace.
      const namespaces = [
        situation.input.subject.gateway.namespace,
        challenge.recorded.history.namespace,
        rootNamespace,
      ];
      const services = challenge.services.map(
        (service) => `${text(service, 'metadata', 'name')}.${text(service, 'metadata', 'namespace')}.svc.cluster.local`,
      );
      const rule = situation.all(istioGroup, 'DestinationRule').find((each) => {
        const pattern = text(each, 'spec', 'host') ?? '';
        const mode = text(each, 'spec', 'trafficPolicy', 'tls', 'mode');
        return (
          (mode === 'ISTIO_MUTUAL' || mode === 'MUTUAL') &&
          namespaces.includes(text(each, 'metadata', 'namespace') ?? '') &&
          services.some((service) => covers(pattern, service))
        );
      });
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
        verdict: `${waitsFor(challenge)}: ${titleOf(rule)} makes the gateway use mTLS to the solver, which has no sidecar.`,
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
  onTheWay('solver-unreachable', 'a gateway that has the route but cannot reach the solver', (situation, challenge) => {
    const [last] = requests(situation, challenge);
    if (last === undefined || last.status !== 503 || !isToSolver(last)) return null;
    return {
      verdict: `${waitsFor(challenge)}: the gateway has the route to the solver but cannot reach it (503 ${last.responseFlags} ${last.responseCodeDetails}).`,
      evidence: sentences(describe(last), says(challenge)),
      remedy:
        'Check the solver Pod and its Service, NetworkPolicies and AuthorizationPolicies between the gateway and the solver, and DestinationRules for it.',
    };
  }),
  onTheWay(
    'application-answers',
    'a challenge path that leads to the application instead of the solver',
    (situation, challenge) => {
      const [last] = requests(situation, challenge);
      if (last === undefined || last.upstreamCluster === null || isToSolver(last)) return null;
      const routes = situation.input.gatewayConfigs.flatMap((config) => config.routes);
      const ownRoute = routes.find(({ match }) => match.includes(challenge.path));
      return {
        verdict: `${waitsFor(challenge)}: the gateway routes ${challenge.path} to ${last.upstreamCluster} instead of the solver; the answer is ${last.status}.`,
        evidence: sentences(
          describe(last),
          routes.length > 0 &&
            (ownRoute === undefined
              ? 'The gateway has no route of its own for the challenge path.'
              : `The gateway now has a route for it: ${ownRoute.match} to ${ownRoute.target}.`),
          says(challenge),
        ),
        remedy:
          ownRoute === undefined
            ? "Find out why the solver's route does not reach the gateway: IngressClass, parentRefs, the labels that the gateway selects."
            : 'Nothing: cert-manager repeats its self-check within 10 s and will get the new route.',
      };
    },
  ),
  onTheWay('no-route', 'a gateway that has no route for the challenge path', (situation, challenge) => {
    const [last] = requests(situation, challenge);
    if (last === undefined || last.status !== 404 || last.upstreamCluster !== null) return null;
    // A direct response is a route too.
    if (!/\bNR\b/.test(last.responseFlags) && last.responseCodeDetails !== 'route_not_found') return null;
    return {
      verdict: `${waitsFor(challenge)}: the gateway has no route for ${challenge.host}${challenge.path} (404 ${last.responseFlags} ${last.responseCodeDetails}).`,
      evidence: sentences(
        describe(last),
        says(challenge),
        ...challenge.routes.map((route) => `${titleOf(route)} exists.`),
      ),
      remedy:
        "Find out why the solver's route does not reach the gateway: IngressClass, parentRefs, the labels that the gateway selects.",
    };
  }),
  onTheWay('gateway-does-not-listen', 'a gateway that does not listen on port 80', (situation, challenge) => {
    const probe = situation.challengeAnswer(challenge);
    // Port 443 after a redirect, or the name server, may also refuse the connection.
    const isRefused =
      /dial tcp \S+:80: connect: connection refused/i.test(challenge.reason) ||
      (probe !== null && 'error' in probe.outcome && probe.outcome.code === 'ECONNREFUSED');
    if (!isRefused || listensOnHttpPort(situation)) return null;
    const ports = situation.input.gatewayConfigs.flatMap(({ listeners }) =>
      listeners.filter(({ state }) => state === 'active').map(({ port }) => port),
    );
    return {
      verdict: `${waitsFor(challenge)}: nothing listens on port 80 of the gateway ${situation.gatewayName}, so connections are refused.`,
      evidence: sentences(
        says(challenge),
        describeAnswer(situation, challenge),
        situation.input.gatewayConfigs.length > 0 &&
          `Envoy in the gateway listens on ${ports.join(', ') || 'no port'}.`,
      ),
      remedy: `Istio's gateway does not listen on port 80 without a Gateway or Ingress for it. Find out why the solver's route does not reach it, or create a Gateway with an HTTP server on port 80.`,
    };
  }),
];

/** Whether Envoy in the gateway listens on the target of its Service's port 80. */
function listensOnHttpPort(situation: Situation): boolean {
  const service = situation.named('', 'Service', situation.input.subject.gateway);
  const http = list(service, 'spec', 'ports').find((port) => field(port, 'port') === 80);
  const target = field(http, 'targetPort') ?? 80;
  return situation.input.gatewayConfigs.some(({ listeners }) =>
    listeners.some(({ port, state }) => state === 'active' && port === target),
  );
}

/** Whether the host of a DestinationRule matches a Service's full name. */
function covers(pattern: string, service: string): boolean {
  if (pattern === '*' || pattern === service) return true;
  return pattern.startsWith('*.') && service.endsWith(pattern.slice(1));
}

/** Rules about a Challenge that needs only time, or whose reason no other rule knows. */
const waitingRules: readonly Rule[] = [
  onTheWay(
    'self-check-passes',
    'a Challenge whose route works and which continues by itself',
    (situation, challenge) => {
      if (!reachesSolver(situation, challenge) || wrongBody.test(challenge.reason)) return null;
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
  {
    id: 'challenge-waits',
    recognizes: 'a Challenge that waits for a reason that no other rule recognizes',
    look(situation) {
      const { waiting } = situation;
      if (waiting === null || situation.isIssued) return null;
      return {
        verdict:
          waiting.reason === ''
            ? `${waiting.name} is ${waiting.state} and gives no reason yet.`
            : `${waitsFor(waiting)}: ${quoted(waiting.reason.replace(/^Waiting for .* propagation:\s*/, ''))}.`,
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
];

/** First the solver's route, the host's addresses and redirects, then what the requests to the gateway show. */
export const routeRules: readonly Rule[] = [
  ...ingressRules,
  ...httpRouteRules,
  ...nameRules,
  ...redirectRules,
  ...startingSolverRules,
  ...gatewayRules,
  ...waitingRules,
];
