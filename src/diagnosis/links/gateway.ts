import { isIP } from 'node:net';
import { namesHost } from '../../evidence/hosts-of-object.ts';
import { field, list, text, texts } from '../../issuance/recorded-object.ts';
import { unreadOnTheWay } from '../between-clusters.ts';
import {
  addressesOf,
  answers,
  describe,
  describeAnswer,
  isAnsweredByGateway,
  isReachedNow,
  isToSolver,
  onTheWay,
  reachesSolver,
  requests,
  waits,
} from '../challenge-answers.ts';
import { gatewayStoppedRule } from '../control-plane.ts';
import { gatewayApiOwner, gatewayTitle, getsIngresses, ingressGatewayLabel } from '../ingress-gateway.ts';
import { type Link, standingAlone } from '../link.ts';
import { parentsOf } from '../listeners.ts';
import { isBeforePush, isOnItsWay } from '../push.ts';
import { sentences } from '../rule.ts';
import { type CurrentObject, type Situation, titleOf, type WaitingChallenge } from '../situation.ts';
import { selectsGateway } from '../tls-servers.ts';
import { says } from '../waiting-rule.ts';

const istioGroup = 'networking.istio.io';

/** The gateway, which must have the route to the solver. */
export const gatewayLink: Link = {
  id: 'gateway',
  title: 'gateway has the route',
  needs: ['route', 'solver'],
  done: (situation) => {
    const { waiting } = situation;
    if (waiting === null) return null;
    if (waiting.type !== 'HTTP-01') return 'DNS-01 needs no gateway.';
    const found = situation.input.gatewayConfigs.find(({ routes }) =>
      routes.some(({ match }) => match.includes(waiting.path)),
    );
    return found === undefined ? null : `Envoy in ${found.pod} has a route for ${waiting.path}.`;
  },
  rules: [
    gatewayStoppedRule,
    unreadOnTheWay,
    standingAlone(
      onTheWay(
        'route-at-another-gateway',
        'a solver route that another gateway has than the one that requests for the host come in at',
        (situation, challenge) => {
          const pods = situation.gatewayPods;
          const [route] = challenge.routes;
          if (pods.length === 0 || route === undefined || reachesSolver(situation, challenge)) return null;
          const where = gatewayTitle(situation);
          const evidence = sentences(
            `${challenge.host} has the address ${addressesOf(situation, challenge).join(', ') || 'unknown'}, and ${where} has ${situation.gatewayAddresses.join(', ') || 'no address'}.`,
            ...requests(situation, challenge).slice(0, 1).map(describe),
            says(challenge),
            describeAnswer(situation, challenge),
          );
          if (text(route, 'kind') === 'Ingress') {
            if (pods.some((pod) => getsIngresses(pod, situation))) return null;
            const label = ingressGatewayLabel(situation);
            const labels = [...new Set(pods.map((pod) => text(field(pod, 'metadata', 'labels'), 'istio') ?? 'none'))];
            return {
              verdict: `${waits}: requests for ${challenge.host} come in at the ${where}, and Istio gives the solver's Ingress only to the gateway labelled istio=${label} (meshConfig.ingressSelector, ingressService).`,
              evidence: [`The Pods of the ${where} have the label istio=${labels.join(', ')}.`, ...evidence],
              remedy: `Set meshConfig.ingressSelector to the value of the label istio of that gateway${labels[0] === 'none' ? ' (it has none: add one)' : ` (${labels[0]})`}, or use the solver gatewayHTTPRoute with a Gateway that this gateway serves, or DNS-01.`,
              confidence: 'inferred',
            };
          }
          const owners = new Set(pods.flatMap((pod) => gatewayApiOwner(pod) ?? []));
          const parents = parentsOf(route, situation).map(({ parent }) => parent);
          const served = parents.filter((parent) => owners.has(qualifiedName(parent)) || isManual(parent));
          if (parents.length === 0 || served.length > 0) return null;
          const addresses = parents.flatMap((parent) =>
            list(parent, 'status', 'addresses').flatMap((each) => text(each, 'value') ?? []),
          );
          return {
            verdict: `${waits}: requests for ${challenge.host} come in at the ${where}, and the solver's ${titleOf(route)} is attached to ${parents.map(titleOf).join(', ')}, which is another gateway${addresses.length === 0 ? '' : ` (${addresses.join(', ')})`}.`,
            evidence,
            remedy: `Name in spec.acme.solvers[].http01.gatewayHTTPRoute.parentRefs the Gateway that ${challenge.host} leads to, or point ${challenge.host} at ${addresses.join(', ') || 'the Gateway of the route'}.`,
            confidence: 'inferred',
          };
        },
      ),
    ),
    standingAlone(
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
            verdict: `${waits}: the Gateway ${gateway} redirects ${challenge.host} to HTTPS (tls.httpsRedirect), including the challenge path, and no solver answers there.`,
            evidence: sentences(
              redirected !== undefined && describe(redirected),
              describeAnswer(situation, challenge),
              says(challenge),
            ),
            remedy: `Remove tls.httpsRedirect from the port-80 server for ${challenge.host}, and redirect in a VirtualService whose match excludes /.well-known/acme-challenge/.`,
          };
        },
      ),
    ),
    standingAlone(
      onTheWay(
        'application-answers',
        'a challenge path that leads to the application instead of the solver',
        (situation, challenge) => {
          const [last] = requests(situation, challenge);
          if (last === undefined || last.upstreamCluster === null || isToSolver(last) || isAnsweredByGateway(last))
            return null;
          if (isBeforePush(Date.parse(last.at), challenge, situation) || isReachedNow(situation, challenge))
            return null;
          const routes = situation.input.gatewayConfigs.flatMap((config) => config.routes);
          const ownRoute = routes.find(({ match }) => match.includes(challenge.path));
          const before = takenBefore(situation, challenge);
          // The gateway has got the route since that request.
          if (ownRoute !== undefined && before === null) return null;
          const services = before === null ? [] : virtualServicesTaking(situation, challenge).map(titleOf);
          const names = services.join(', ') || 'the VirtualService or HTTPRoute of the application';
          return {
            verdict: `${waits}: the gateway routes ${challenge.path} to ${last.upstreamCluster} instead of the solver; the answer is ${last.status}${before === null ? '' : `. ${names} has a route (${before}) that comes before the one of the solver`}.`,
            evidence: sentences(
              describe(last),
              routes.length > 0 &&
                (ownRoute === undefined
                  ? 'The gateway has no route of its own for the challenge path.'
                  : `The gateway has a route to the solver (${ownRoute.match} to ${ownRoute.target}), and ${before} before it.`),
              says(challenge),
            ),
            remedy:
              before === null
                ? "Find out why the solver's route does not reach the gateway: IngressClass, parentRefs, the labels that the gateway selects."
                : `Let ${names} not match /.well-known/acme-challenge/*, for example by a longer prefix.`,
          };
        },
      ),
    ),
    standingAlone(
      onTheWay('no-route', 'a gateway that has no route for the challenge path', (situation, challenge) => {
        const [last] = requests(situation, challenge);
        if (last === undefined || last.status !== 404 || last.upstreamCluster !== null) return null;
        // A direct response is a route too.
        if (!/\bNR\b/.test(last.responseFlags) && last.responseCodeDetails !== 'route_not_found') return null;
        // Each self-check of a new Challenge comes before its route is pushed to the gateway.
        if (isBeforePush(Date.parse(last.at), challenge, situation) || hasRoute(situation, challenge)) return null;
        return {
          verdict: `${waits}: the gateway has no route for ${challenge.host}${challenge.path} (404 ${last.responseFlags} ${last.responseCodeDetails}).`,
          evidence: sentences(
            describe(last),
            says(challenge),
            ...challenge.routes.map((route) => `${titleOf(route)} exists.`),
          ),
          remedy:
            "Find out why the solver's route does not reach the gateway: IngressClass, parentRefs, the labels that the gateway selects.",
        };
      }),
    ),
    standingAlone(
      onTheWay(
        'service-without-http-port',
        'a gateway whose Service has no port 80, where CAs ask (RFC 8555, section 8.3)',
        (situation, challenge) => {
          const service = situation.named('', 'Service', situation.input.subject.gateway);
          const ports = list(service, 'spec', 'ports').map((port) => field(port, 'port'));
          if (service === null || ports.length === 0 || ports.includes(80)) return null;
          // Another load balancer may be in front of it.
          if (reachesSolver(situation, challenge) || isReachedNow(situation, challenge)) return null;
          if (!addressesOf(situation, challenge).some((each) => situation.gatewayAddresses.includes(each))) return null;
          return {
            verdict: `${waits}: the Service ${situation.gatewayName} of the gateway, where ${challenge.host} leads, has no port 80 (it has ${ports.join(', ')}).`,
            evidence: sentences(says(challenge), describeAnswer(situation, challenge)),
            remedy:
              gatewayApiOwnerOf(situation) === null
                ? `Add port 80 to Service ${situation.gatewayName}.`
                : `Add a listener for HTTP on port 80 to the Gateway ${gatewayApiOwnerOf(situation)}.`,
          };
        },
      ),
    ),
    standingAlone(
      onTheWay(
        'http-port-taken',
        'a gateway whose port 80 is taken by a Gateway with another protocol than HTTP, so that Istio leaves out the route to the solver',
        (situation, challenge) => {
          if (reachesSolver(situation, challenge) || isReachedNow(situation, challenge)) return null;
          if (!addressesOf(situation, challenge).some((each) => situation.gatewayAddresses.includes(each))) return null;
          const target = httpTarget(situation);
          const listener = situation.input.gatewayConfigs
            .flatMap(({ listeners }) => listeners)
            .find(({ port, state }) => state === 'active' && port === target);
          // A listener for HTTP has routes, which may be empty.
          if (listener === undefined || listener.routeConfigs.length > 0) return null;
          const taking = situation
            .all(istioGroup, 'Gateway')
            .filter((gateway) => selectsGateway(gateway, situation))
            .filter((gateway) => list(gateway, 'spec', 'servers').some((server) => takesHttpPort(server, target)));
          if (taking.length === 0 || isOnItsWay(taking, situation)) return null;
          const names = taking.map(titleOf).join(', ');
          return {
            verdict: `${waits}: ${names} takes port 80 of the gateway ${situation.gatewayName} for another protocol than HTTP, so Istio leaves out the servers for HTTP on that port, and with them the route to the solver.`,
            evidence: sentences(
              `Envoy in the gateway has a listener on port ${listener.port} without routes.`,
              says(challenge),
              describeAnswer(situation, challenge),
            ),
            remedy: `Give the server in ${names} another port, or the protocol HTTP. Where servers on one port have different protocols, Istio keeps those of the oldest Gateway.`,
          };
        },
      ),
    ),
    standingAlone(
      onTheWay('gateway-does-not-listen', 'a gateway that does not listen on port 80', (situation, challenge) => {
        const probe = situation.challengeAnswer(challenge);
        // Port 443 after a redirect, or the name server, may also refuse the connection.
        const { gatewayAddresses } = situation;
        const isOfGateway = (address: string | undefined) =>
          address !== undefined &&
          (!gatewayAddresses.every((each) => isIP(each) > 0) ||
            gatewayAddresses.includes(address) ||
            gatewayAddresses.length === 0);
        // An answer from port 80 is newer than the reason, which is that of the last self-check.
        if (probe !== null && !('error' in probe.outcome) && isOfGateway(probe.address)) return null;
        const dialled = /dial tcp \[?([^\s\]]+?)\]?:80: connect: connection refused/i.exec(challenge.reason)?.[1];
        const isRefused =
          isOfGateway(dialled) ||
          (probe !== null &&
            'error' in probe.outcome &&
            probe.outcome.code === 'ECONNREFUSED' &&
            isOfGateway(probe.address));
        if (!isRefused || listensOnHttpPort(situation) || isBeforePush(situation.now, challenge, situation))
          return null;
        const ports = situation.input.gatewayConfigs.flatMap(({ listeners }) =>
          listeners.filter(({ state }) => state === 'active').map(({ port }) => port),
        );
        return {
          verdict: `${waits}: nothing listens on port 80 of the gateway ${situation.gatewayName}, so connections are refused.`,
          evidence: sentences(
            says(challenge),
            describeAnswer(situation, challenge),
            situation.input.gatewayConfigs.length > 0 &&
              `Envoy in the gateway listens on ${ports.join(', ') || 'no port'}.`,
          ),
          remedy: `Istio's gateway does not listen on port 80 without a Gateway or Ingress for it. Find out why the solver's route does not reach it, or create a Gateway with an HTTP server on port 80.`,
        };
      }),
    ),
  ],
};

/** The Gateway of the Gateway API that made the gateway that the host leads to; null for one of another origin. */
function gatewayApiOwnerOf({ gatewayPods }: Situation): string | null {
  const [pod] = gatewayPods;
  return pod === undefined ? null : gatewayApiOwner(pod);
}

function hasRoute(situation: Situation, { path }: WaitingChallenge): boolean {
  return situation.input.gatewayConfigs.some(({ routes }) => routes.some(({ match }) => match.includes(path)));
}

/** The match of a route that Envoy takes for the challenge path before the solver's own; null where none comes before it. */
function takenBefore(situation: Situation, { path }: WaitingChallenge): string | null {
  for (const { routes } of situation.input.gatewayConfigs) {
    const own = routes.find(({ match }) => match.includes(path));
    const first = routes.find(
      ({ routeConfig, domain, match }) =>
        routeConfig === own?.routeConfig && domain === own.domain && takes(match, path),
    );
    if (first !== undefined && first !== own) return first.match;
  }
  return null;
}

/** Whether the match of a route, as the evidence has it, takes a path. Its headers and methods are not known. */
function takes(match: string, path: string): boolean {
  const [kind, ...rest] = match.split(' ');
  const value = rest.join(' ');
  if (kind === 'exact') return value === path;
  return kind === 'prefix' && path.startsWith(value);
}

/** The VirtualServices for the host with a match that takes the challenge path. */
function virtualServicesTaking(situation: Situation, { host, path }: WaitingChallenge): readonly CurrentObject[] {
  return situation
    .all(istioGroup, 'VirtualService')
    .filter((each) => texts(each, 'spec', 'hosts').some((pattern) => namesHost(pattern, host)))
    .filter((each) =>
      list(each, 'spec', 'http')
        .flatMap((route) => list(route, 'match'))
        .some((match) => {
          const prefix = text(match, 'uri', 'prefix');
          return text(match, 'uri', 'exact') === path || (prefix !== null && path.startsWith(prefix));
        }),
    );
}

/** Whether Envoy in the gateway listens on the target of its Service's port 80. */
function listensOnHttpPort(situation: Situation): boolean {
  const target = httpTarget(situation);
  return situation.input.gatewayConfigs.some(({ listeners }) =>
    listeners.some(({ port, state }) => state === 'active' && port === target),
  );
}

/** The port of the gateway's Pods that its Service's port 80 leads to. */
function httpTarget(situation: Situation): unknown {
  const service = situation.named('', 'Service', situation.input.subject.gateway);
  const http = list(service, 'spec', 'ports').find((port) => field(port, 'port') === 80);
  return field(http, 'targetPort') ?? 80;
}

/** Whether a server of an Istio Gateway is on port 80, or on the port that it leads to, with a protocol other than HTTP. */
function takesHttpPort(server: unknown, target: unknown): boolean {
  const number = field(server, 'port', 'number');
  const protocol = text(server, 'port', 'protocol')?.toUpperCase() ?? '';
  return (number === 80 || number === target) && !/^(?:HTTP|HTTP2|GRPC|GRPC-WEB)$/.test(protocol);
}

function qualifiedName(object: CurrentObject): string {
  return `${text(object, 'metadata', 'namespace')}/${text(object, 'metadata', 'name')}`;
}

/** Whether a Gateway uses a gateway that was deployed for it by hand (Istio: spec.addresses of the type Hostname). */
function isManual(gateway: CurrentObject): boolean {
  return list(gateway, 'spec', 'addresses').length > 0;
}
