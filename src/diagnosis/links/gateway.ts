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
import { isBeforePush } from '../push.ts';
import { sentences } from '../rule.ts';
import { type CurrentObject, type Situation, titleOf, type WaitingChallenge } from '../situation.ts';
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
          return {
            verdict: `${waits}: the gateway routes ${challenge.path} to ${last.upstreamCluster} instead of the solver; the answer is ${last.status}.`,
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

/** Whether Envoy in the gateway listens on the target of its Service's port 80. */
function listensOnHttpPort(situation: Situation): boolean {
  const service = situation.named('', 'Service', situation.input.subject.gateway);
  const http = list(service, 'spec', 'ports').find((port) => field(port, 'port') === 80);
  const target = field(http, 'targetPort') ?? 80;
  return situation.input.gatewayConfigs.some(({ listeners }) =>
    listeners.some(({ port, state }) => state === 'active' && port === target),
  );
}

function qualifiedName(object: CurrentObject): string {
  return `${text(object, 'metadata', 'namespace')}/${text(object, 'metadata', 'name')}`;
}

/** Whether a Gateway uses a gateway that was deployed for it by hand (Istio: spec.addresses of the type Hostname). */
function isManual(gateway: CurrentObject): boolean {
  return list(gateway, 'spec', 'addresses').length > 0;
}
