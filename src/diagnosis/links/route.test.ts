import { describe, expect, test } from 'vitest';
import { forget, put, recorded } from '../../checks/testing/evidence-fixture.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { probeNames } from '../../evidence/probe-names.ts';
import { field, text } from '../../issuance/recorded-object.ts';
import { diagnose } from '../diagnose.ts';
import { describeRules, noSurroundings } from '../rule-cases-fixture.ts';
import {
  addAaaa,
  addDns,
  addObject,
  challengeRequest,
  fixtureAddress,
  gatewayPods,
  longAgo,
  readySolver,
  says,
  startingSolver,
  stoppedDeployment,
  waitingEvidence,
  waitingReason,
} from '../situation-fixture.ts';
import type { Surroundings } from '../surroundings.ts';
import { gatewayLink } from './gateway.ts';
import { nameLink } from './name.ts';
import { routeLink } from './route.ts';
import { selfCheckLink } from './self-check.ts';

const solverService = 'cm-acme-http-solver-v7mt0.istio-system.svc.cluster.local';

const refused = waitingReason(
  'failed to perform self check GET request: Get "http://a.test": dial tcp 198.51.100.7:80: connect: connection refused',
);

const reset = waitingReason(
  'failed to perform self check GET request: Get "http://a.test": read tcp 10.244.0.2:40118->198.51.100.7:80: read: connection reset by peer',
);

/** The waiting evidence with an HTTPRoute instead of an Ingress, of which no controller has said anything. */
async function httpRouteEvidence(parent: Readonly<Record<string, string>>): Promise<Evidence> {
  const evidence = await waitingEvidence();
  evidence.subject.solver = 'gateway-httproute';
  const owner = field(recorded(evidence, 'Ingress').states[0]?.object, 'metadata', 'ownerReferences');
  addObject(evidence, {
    ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' },
    metadata: {
      ...{ namespace: 'istio-system', name: 'cm-acme-http-solver-x', uid: 'route-uid' },
      ...{ ownerReferences: owner },
    },
    spec: { parentRefs: [parent] },
  });
  return evidence;
}

function serviceOfGateway(evidence: Evidence) {
  const { name } = evidence.subject.gateway;
  const found = evidence.objects.find((each) => each.kind === 'Service' && each.name === name);
  if (found === undefined) throw new Error('the gateway has no Service');
  return found;
}

const mesh = {
  ...{ source: 'istio-system/istio', ingressSelector: '', ingressService: 'istio-ingressgateway' },
  ...{ ingressClass: 'istio', ingressControllerMode: 'STRICT', rootNamespace: 'istio-system' },
};

/** Messages are those that cert-manager 1.21.2 and Istio 1.31 gave. */
describeRules(
  [routeLink, gatewayLink, nameLink, selfCheckLink],
  [
    {
      rule: 'missing-ingress-class',
      what: 'no class istio',
      stage(evidence) {
        forget(evidence, 'IngressClass');
        put(recorded(evidence, 'Ingress'), ['status'], undefined);
      },
      verdict:
        /^The Challenge waits for its self-check: the gateway \S+ has no route for \/\.well-known\/acme-challenge\/\S+ because no IngressClass 'istio' exists\.$/,
    },
    {
      rule: 'ingress-class-of-nobody',
      what: 'the annotation of another controller',
      stage(evidence) {
        const ingress = recorded(evidence, 'Ingress');
        put(ingress, ['spec', 'ingressClassName'], undefined);
        put(ingress, ['status'], undefined);
        put(ingress, ['metadata', 'annotations'], { 'kubernetes.io/ingress.class': 'nginx' });
      },
      verdict:
        /asks by annotation for the class nginx, which nothing in this cluster serves \(no IngressClass nginx; Istio takes the class istio only\)/,
    },
    {
      rule: 'istio-ignores-ingresses',
      what: 'the controller is off',
      stage: (evidence) => put(recorded(evidence, 'Ingress'), ['status'], undefined),
      surroundings: { mesh: { ...mesh, ingressControllerMode: 'OFF' } },
      verdict: /ingressControllerMode is OFF/,
    },
    {
      rule: 'istiod-cannot-read-cluster',
      what: 'a solver that istiod elsewhere does not see',
      stage: (evidence) => outsideGets(evidence, 404),
      surroundings: {
        betweenClusters: {
          ...{ controlPlane: 'https://control', dataPlane: 'https://data', misplaced: [], secrets: [] },
          unread: [
            { pod: 'istio-system/istiod-1', cluster: 'data', reason: 'failed to list *v1.Service: Unauthorized' },
          ],
        },
      },
      verdict:
        /^The Challenge waits for its self-check: istiod \(Pod istio-system\/istiod-1 at https:\/\/control\) cannot read the cluster data at https:\/\/data: Unauthorized\.$/,
    },
    {
      rule: 'route-not-on-http-listener',
      what: 'a listener for HTTPS alone that lets the namespace in',
      base: async () => {
        const evidence = await waitingEvidence({ solver: 'gateway-httproute' });
        const route = recorded(evidence, 'HTTPRoute');
        put(route, ['spec', 'parentRefs'], [{ name: 'web', namespace: 'edge' }]);
        put(route, ['status'], { parents: [{ conditions: [{ type: 'Accepted', status: 'True' }] }] });
        addObject(evidence, {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'Gateway',
          metadata: { namespace: 'edge', name: 'web', uid: 'web-uid' },
          spec: {
            listeners: [
              { name: 'http', port: 80, protocol: 'HTTP' },
              { name: 'https', port: 443, protocol: 'HTTPS', allowedRoutes: { namespaces: { from: 'All' } } },
            ],
          },
        });
        return evidence;
      },
      stage: () => {},
      verdict:
        /is attached to the listener https on port 443 of Gateway edge\/web alone; the listener http on port 80 of Gateway edge\/web, where the CA asks, takes no routes from the namespace istio-system \(allowedRoutes Same\)/,
    },
    {
      rule: 'route-at-another-gateway',
      what: 'a gateway with another label',
      stage(evidence) {
        const { namespace, name } = evidence.subject.gateway;
        const service = evidence.objects.find((each) => each.kind === 'Service' && each.name === name);
        if (service === undefined) throw new Error('the gateway has no Service');
        put(service, ['spec'], { selector: { istio: 'edge' } });
        addObject(evidence, {
          ...{ apiVersion: 'v1', kind: 'Pod' },
          metadata: { namespace, name: 'edge-1', uid: 'edge-uid', ...{ labels: { istio: 'edge' } } },
        });
      },
      verdict:
        /come in at the gateway istio-system\/istio-ingressgateway, and Istio gives the solver's Ingress only to the gateway labelled istio=ingressgateway/,
    },
    {
      rule: 'gateway-refuses',
      what: 'a policy that denies',
      stage: (evidence) =>
        challengeRequest(evidence, {
          status: 403,
          responseCodeDetails: 'rbac_access_denied_matched_policy[ns[istio-system]-policy[token-only]-rule[0]]',
          upstreamCluster: `outbound|8089||${solverService}`,
        }),
      verdict:
        /gateway istio-system\/istio-ingressgateway itself answers the challenge path with 403; AuthorizationPolicy istio-system\/token-only \(action DENY\) refuses it/,
    },
    {
      rule: 'inside-differs',
      what: 'a name that only the outside knows',
      stage: (evidence) =>
        says(evidence, waitingReason('Get "http://a.test": dial tcp: lookup a.test on 10.96.0.10:53: no such host')),
      verdict:
        /inside the cluster the name \S+ has no address \(no such host\), although it has 198\.51\.100\.7 outside/,
    },
    {
      rule: 'inside-differs',
      what: 'an address that answers outside and refuses inside',
      stage(evidence) {
        says(evidence, refused);
        bornMinutesAgo(evidence, 2);
        outsideGets(evidence, 200);
      },
      verdict:
        /cert-manager cannot connect to 198\.51\.100\.7 port 80 from inside the cluster \(connection refused\), although it answers outside/,
    },
    {
      rule: 'inside-differs',
      what: 'another server inside, which answers 404',
      stage(evidence) {
        bornMinutesAgo(evidence, 2, 'Ingress');
        outsideGets(evidence, 200);
      },
      verdict:
        /works from outside, but cert-manager's last self-check from inside the cluster was answered by something else \(wrong status code '404'\), and the log of the gateway istio-system\/istio-ingressgateway has no self-check/,
    },
    {
      rule: 'inside-differs',
      what: 'a self-check that gets no answer',
      stage(evidence) {
        bornMinutesAgo(evidence, 2, 'Ingress');
        outsideGets(evidence, 200);
        says(
          evidence,
          waitingReason(
            'Get "http://a.test": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
          ),
        );
      },
      verdict: /last self-check from inside the cluster got no answer in time/,
    },
    {
      rule: 'ingress-class-of-another',
      what: 'a class of another controller',
      stage: (evidence) => put(recorded(evidence, 'IngressClass'), ['spec', 'controller'], 'k8s.io/ingress-nginx'),
      verdict: /belongs to k8s\.io\/ingress-nginx/,
    },
    {
      rule: 'ingress-without-class',
      what: 'neither field nor annotation',
      stage(evidence) {
        put(recorded(evidence, 'Ingress'), ['spec', 'ingressClassName'], undefined);
        put(recorded(evidence, 'Ingress'), ['status'], undefined);
      },
      verdict: /names no class/,
    },
    {
      rule: 'http-route-not-accepted',
      what: 'a Gateway that takes routes of its own namespace',
      base: async () => {
        const evidence = await waitingEvidence();
        evidence.subject.solver = 'gateway-httproute';
        const ingress = recorded(evidence, 'Ingress');
        const owner = field(ingress.states[0]?.object, 'metadata', 'ownerReferences');
        addObject(evidence, {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'HTTPRoute',
          metadata: {
            namespace: 'istio-system',
            name: 'cm-acme-http-solver-x',
            uid: 'route-uid',
            ...{ ownerReferences: owner },
          },
          spec: { parentRefs: [{ name: 'shared', namespace: 'infra' }] },
          status: {
            parents: [
              {
                conditions: [
                  {
                    type: 'Accepted',
                    status: 'False',
                    reason: 'NotAllowedByListeners',
                    message: 'no listener allows it',
                  },
                ],
              },
            ],
          },
        });
        return evidence;
      },
      stage: () => {},
      verdict: /is not attached to Gateway infra\/shared: Accepted is False, NotAllowedByListeners/,
    },
    {
      rule: 'host-does-not-resolve',
      what: 'NXDOMAIN',
      stage(evidence) {
        addDns(evidence, { code: 'ENOTFOUND' });
        says(evidence, waitingReason('dial tcp: lookup a.test on 10.96.0.10:53: no such host'));
      },
      verdict: /has no address/,
    },
    {
      rule: 'host-points-elsewhere',
      what: 'another address',
      stage: (evidence) => addDns(evidence, ['192.0.2.77']),
      verdict: /points at 192\.0\.2\.77, not at the gateway \S+ \(198\.51\.100\.7\)/,
    },
    {
      rule: 'redirect-same-host',
      what: '301 direct_response',
      stage: redirectChallenge,
      verdict: /Gateway default\/redirecting redirects \S+ to HTTPS/,
    },
    {
      rule: 'strict-mtls-solver',
      what: '503 and a DestinationRule for all',
      stage(evidence) {
        addObject(evidence, {
          apiVersion: 'networking.istio.io/v1',
          kind: 'DestinationRule',
          metadata: { namespace: 'istio-system', name: 'all', uid: 'all-uid' },
          spec: { host: '*.local', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } },
        });
        challengeRequest(evidence, {
          status: 503,
          responseFlags: 'URX,UF',
          upstreamCluster: `outbound|8089||${solverService}`,
        });
      },
      verdict: /DestinationRule istio-system\/all makes the gateway use mTLS to the solver/,
    },
    {
      rule: 'istiod-not-running',
      what: 'scaled to 0',
      stage: (evidence) => stoppedDeployment(evidence, 'istiod'),
      verdict:
        /istiod does not run, as Deployment istio-system\/istiod has no Pod that is available \(it is scaled to 0\)/,
    },
    {
      rule: 'istiod-not-running',
      what: 'while the solver starts',
      stage(evidence) {
        startingSolver(evidence);
        stoppedDeployment(evidence, 'istiod', 1);
      },
      verdict: /\(none of its Pods is available\)/,
    },
    {
      rule: 'cluster-dns-not-running',
      what: 'scaled to 0',
      stage(evidence) {
        stoppedDeployment(evidence, 'dns');
        says(evidence, waitingReason('Get "http://a.test": dial tcp: lookup a.test on 10.96.0.10:53: i/o timeout'));
      },
      verdict: /the cluster's DNS does not run, as Deployment kube-system\/coredns .* so cert-manager finds no address/,
    },
    {
      rule: 'gateway-not-running',
      what: 'a memory limit that is too low',
      stage(evidence) {
        gatewayPods(evidence, {
          ...{ phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] },
          containerStatuses: [{ state: {}, lastState: { terminated: { reason: 'OOMKilled' } } }],
        });
        says(evidence, refused);
      },
      verdict: /none of its Pods is Ready: Pod \S+ was killed for its memory \(OOMKilled\)/,
    },
    {
      rule: 'gateway-not-running',
      what: 'no Pod at all',
      stage(evidence) {
        gatewayPods(evidence);
        says(evidence, refused);
      },
      verdict:
        /the gateway \S+ does not run, as no Pod has the labels \{"istio":"ingressgateway"\} that its Service selects/,
    },
    {
      rule: 'gateway-not-running',
      what: 'an image that cannot be pulled',
      stage(evidence) {
        gatewayPods(evidence, {
          ...{ phase: 'Pending', conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: longAgo }] },
          containerStatuses: [
            { state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } } },
          ],
        });
        says(evidence, refused);
      },
      verdict: /none of its Pods is Ready: Pod \S+\/gateway-0 ImagePullBackOff: Back-off pulling image\./,
    },
    {
      rule: 'host-points-elsewhere',
      what: 'a certificate for an address that is not the gateway',
      stage(evidence) {
        put(recorded(evidence, 'Challenge'), ['spec', 'dnsName'], '192.0.2.9');
        says(evidence, waitingReason('context deadline exceeded'));
      },
      verdict: /the certificate is for the address 192\.0\.2\.9, which is not one of the gateway/,
    },
    {
      rule: 'host-points-elsewhere',
      what: 'a second address that is dead, so that self-checks come through by chance',
      stage(evidence) {
        addDns(evidence, [fixtureAddress, '192.0.2.77']);
        says(evidence, waitingReason('Get "http://a.test": context deadline exceeded'));
        challengeRequest(evidence, { status: 200, upstreamCluster: `outbound|8089||${solverService}` });
      },
      verdict: /points also at 192\.0\.2\.77, not only at the gateway/,
    },
    {
      rule: 'strict-mtls-solver',
      what: 'TLS to a solver that speaks plain HTTP',
      stage(evidence) {
        addObject(evidence, {
          ...{ apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule' },
          metadata: { namespace: 'istio-system', name: 'all', uid: 'rule-uid' },
          spec: { host: '*.svc.cluster.local', trafficPolicy: { tls: { mode: 'SIMPLE' } } },
        });
        says(evidence, waitingReason("wrong status code '503', expected '200'"));
      },
      verdict: /DestinationRule istio-system\/all makes the gateway use TLS to the solver, which speaks plain HTTP/,
    },
    {
      rule: 'gateway-closes-connections',
      what: 'an EnvoyFilter that adds the PROXY protocol',
      stage(evidence) {
        gatewayPods(evidence, { conditions: [{ type: 'Ready', status: 'True' }] });
        says(evidence, reset);
        addObject(evidence, {
          ...{ apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter' },
          metadata: { namespace: 'istio-system', name: 'proxy-protocol', uid: 'filter-uid' },
          spec: {
            workloadSelector: { labels: { istio: 'ingressgateway' } },
            configPatches: [
              { patch: { value: { listener_filters: [{ name: 'envoy.filters.listener.proxy_protocol' }] } } },
            ],
          },
        });
      },
      verdict:
        /takes connections on port 80 and closes them without an answer; EnvoyFilter istio-system\/proxy-protocol makes it expect the PROXY protocol/,
    },
    {
      rule: 'gateway-closes-connections',
      what: 'for no reason that is seen',
      stage: (evidence) => says(evidence, reset),
      verdict: /closes them without an answer\.$/,
    },
    {
      rule: 'service-without-http-port',
      what: 'port 443 alone',
      stage(evidence) {
        gatewayPods(evidence, { conditions: [{ type: 'Ready', status: 'True' }] });
        put(serviceOfGateway(evidence), ['spec', 'ports'], [{ port: 443 }]);
        says(evidence, refused);
      },
      verdict: /has no port 80 \(it has 443\)/,
    },
    {
      rule: 'http-route-not-accepted',
      what: 'a kind that nothing has',
      base: () => httpRouteEvidence({ kind: 'GateWay', name: 'shared', namespace: 'infra' }),
      stage: () => {},
      verdict: /no controller takes routes of a parent of the kind GateWay, so no Gateway has the route/,
    },
    {
      rule: 'http-route-not-accepted',
      what: 'a parent for traffic inside the mesh',
      base: () => httpRouteEvidence({ group: '', kind: 'Service', name: 'shared', namespace: 'infra' }),
      stage: () => {},
      verdict: /Service infra\/shared is a parent for traffic inside the mesh alone/,
    },
    {
      rule: 'http-route-not-accepted',
      what: 'a Gateway that does not exist',
      base: () => httpRouteEvidence({ name: 'shared', namespace: 'infra' }),
      stage: () => {},
      verdict: /: Gateway infra\/shared does not exist\.$/,
    },
    {
      rule: 'http-route-not-accepted',
      what: 'a Gateway of a class that does not exist',
      base: () => httpRouteEvidence({ name: 'shared', namespace: 'infra' }),
      stage(evidence) {
        addObject(evidence, {
          ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' },
          metadata: { namespace: 'infra', name: 'shared', uid: 'shared-uid' },
          spec: { gatewayClassName: 'nginx', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
        });
      },
      verdict: /the class nginx of Gateway infra\/shared does not exist \(GatewayClasses are none\)/,
    },
    {
      rule: 'solver-unreachable',
      what: '503 without such a rule',
      stage(evidence) {
        readySolver(evidence);
        challengeRequest(evidence, {
          status: 503,
          responseFlags: 'UH',
          upstreamCluster: `outbound|8089||${solverService}`,
        });
      },
      verdict: /gets no answer from it \(503 UH/,
    },
    {
      rule: 'solver-unreachable',
      what: 'HTTP/2 to a solver that speaks HTTP/1.1',
      stage(evidence) {
        readySolver(evidence);
        addObject(evidence, {
          apiVersion: 'networking.istio.io/v1',
          kind: 'DestinationRule',
          metadata: { namespace: 'istio-system', name: 'http2', uid: 'http2-uid' },
          spec: {
            host: '*.svc.cluster.local',
            trafficPolicy: { connectionPool: { http: { h2UpgradePolicy: 'UPGRADE' } } },
          },
        });
        challengeRequest(evidence, {
          status: 502,
          responseFlags: 'UPE',
          responseCodeDetails: 'upstream_reset_before_response_started{protocol_error}',
          upstreamCluster: `outbound|8089||${solverService}`,
        });
      },
      verdict:
        /as DestinationRule istio-system\/http2 makes it speak HTTP\/2 to the solver, which speaks HTTP\/1\.1\.$/,
    },
    {
      rule: 'application-answers',
      what: "the application's 404",
      stage: (evidence) => challengeRequest(evidence, { status: 404 }),
      verdict: /to outbound\|8000\|\|httpbin\.default\.svc\.cluster\.local instead of the solver; the answer is 404/,
    },
    {
      rule: 'application-answers',
      what: "a route of the application that comes before the solver's",
      stage(evidence) {
        challengeRequest(evidence, { status: 404 });
        addRoutes(evidence, 'prefix /.well-known/', 'exact CHALLENGE');
        addObject(evidence, {
          apiVersion: 'networking.istio.io/v1',
          kind: 'VirtualService',
          metadata: { namespace: 'default', name: 'site', uid: 'site-uid' },
          spec: { hosts: [evidence.subject.host], http: [{ match: [{ uri: { prefix: '/.well-known/' } }] }] },
        });
      },
      verdict:
        /the answer is 404\. VirtualService default\/site has a route \(prefix \/\.well-known\/\) that comes before the one of the solver\.$/,
    },
    {
      rule: 'http-port-taken',
      what: 'an older Gateway with TCP on port 80',
      stage(evidence) {
        addDns(evidence, [fixtureAddress]);
        evidence.gatewayConfigs = [
          {
            ...{ pod: 'istio-system/gateway', at: '2026-11-24T09:00:30.000Z', routes: [], secrets: [] },
            listeners: [{ port: 80, state: 'active', routeConfigs: [], serverNames: [], secrets: [] }],
          },
        ];
        addObject(evidence, {
          apiVersion: 'networking.istio.io/v1',
          kind: 'Gateway',
          metadata: {
            ...{ namespace: 'default', name: 'legacy', uid: 'legacy-uid', creationTimestamp: longAgo },
          },
          spec: { servers: [{ port: { number: 80, protocol: 'TCP' }, hosts: ['*'] }] },
        });
      },
      verdict: /Gateway default\/legacy takes port 80 of the gateway \S+ for another protocol than HTTP/,
    },
    {
      rule: 'no-route',
      what: '404 NR',
      stage: (evidence) =>
        challengeRequest(evidence, {
          status: 404,
          responseFlags: 'NR',
          responseCodeDetails: 'route_not_found',
          upstreamCluster: null,
        }),
      verdict: /has no route for \S+ \(404 NR route_not_found\)/,
    },
    {
      rule: 'gateway-does-not-listen',
      what: 'connection refused',
      stage: (evidence) => says(evidence, waitingReason('dial tcp 198.51.100.7:80: connect: connection refused')),
      verdict: /nothing listens on port 80/,
    },
    {
      rule: 'self-check-passes',
      what: '200 from the solver',
      stage: (evidence) =>
        challengeRequest(evidence, { status: 200, upstreamCluster: `outbound|8089||${solverService}` }),
      verdict: /path to the solver works/,
    },
    {
      rule: 'challenge-waits',
      what: 'a reason that nobody foresaw',
      stage: (evidence) => says(evidence, waitingReason('something new')),
      verdict: /^The Challenge waits for its self-check: something new\.$/,
    },
  ],
);

test('an IngressClass that could not be looked at is not missing', async () => {
  const evidence = await waitingEvidence();
  forget(evidence, 'IngressClass');
  put(recorded(evidence, 'Ingress'), ['status'], undefined);
  evidence.problems = ['Could not list IngressClass (networking.k8s.io/v1): forbidden.'];
  expect(diagnose(evidence).rule).not.toBe('missing-ingress-class');
});

test('a gateway behind another load balancer is fine where the solver is reached', async () => {
  const evidence = await waitingEvidence();
  addDns(evidence, ['203.0.113.9']);
  challengeRequest(evidence, { status: 200, upstreamCluster: `outbound|8089||${solverService}` });
  expect(diagnose(evidence).rule).toBe('self-check-passes');
});

describe('what answers before the gateway can have the route is no fault', () => {
  const answers: readonly { what: string; entry: Parameters<typeof challengeRequest>[1] }[] = [
    { what: 'an application that answers every path', entry: { status: 404 } },
    {
      what: 'a direct response for every path',
      entry: { status: 200, responseCodeDetails: 'direct_response', upstreamCluster: null },
    },
  ];
  test.for(answers)('$what', async ({ entry }) => {
    const evidence = await waitingEvidence();
    challengeRequest(evidence, entry);
    const asked = evidence.accessLog.at(-1)?.at ?? '';
    put(recorded(evidence, 'Ingress'), ['metadata', 'creationTimestamp'], asked);
    expect(diagnose(evidence).rule).toBe('challenge-waits');
  });
});

describe('a host with several names', () => {
  test('the Challenge for the host that was looked at is the one diagnosed', async () => {
    const evidence = await waitingEvidence();
    const other = structuredClone(recorded(evidence, 'Challenge'));
    other.uid = 'other-challenge';
    other.name = `${other.name}-other`;
    put(other, ['spec', 'dnsName'], 'other.test');
    evidence.objects.push(other);
    addDns(evidence, ['192.0.2.77']);
    const { rule, verdict } = diagnose(evidence);
    expect(rule).toBe('host-points-elsewhere');
    expect(verdict).toContain(`the name ${evidence.subject.host} points at 192.0.2.77`);
  });

  test("what was asked of one name is no answer for another's Challenge", async () => {
    const evidence = await waitingEvidence();
    put(recorded(evidence, 'Challenge'), ['spec', 'dnsName'], 'other.test');
    addDns(evidence, { code: 'ENOTFOUND' });
    says(evidence, '');
    expect(diagnose(evidence).rule).toBe('challenge-waits');
  });
});

describe('addresses of a gateway', () => {
  test('a load balancer with a name is not compared with addresses', async () => {
    const evidence = await waitingEvidence();
    gatewayHas(evidence, { hostname: 'lb-1.cloud.test' });
    addDns(evidence, ['203.0.113.9']);
    expect(diagnose(evidence).rule).toBe('challenge-waits');
  });

  test('self-checks that come through the gateway show that the address is right', async () => {
    const evidence = await waitingEvidence();
    addDns(evidence, ['203.0.113.9']);
    challengeRequest(evidence, {
      status: 404,
      responseFlags: 'NR',
      responseCodeDetails: 'route_not_found',
      upstreamCluster: null,
    });
    expect(diagnose(evidence).rule).toBe('no-route');
  });

  test('an AAAA record alone is an address', async () => {
    const evidence = await waitingEvidence();
    gatewayHas(evidence, { ip: '2001:db8::7' });
    addDns(evidence, { code: 'ENODATA' });
    addAaaa(evidence, ['2001:db8::7']);
    says(evidence, '');
    expect(diagnose(evidence).rule).toBe('challenge-waits');
  });

  test('a stray address of the same family is named, one of another family is not', async () => {
    const evidence = await waitingEvidence();
    addDns(evidence, [fixtureAddress]);
    addAaaa(evidence, ['2001:db8::66']);
    expect(diagnose(evidence).rule).toBe('challenge-waits');
    addDns(evidence, [fixtureAddress, '192.0.2.77']);
    expect(diagnose(evidence).verdict).toMatch(/points also at 192\.0\.2\.77, not only at the gateway/);
  });

  test('a name that cert-manager resolved has an address', async () => {
    const evidence = await waitingEvidence();
    addDns(evidence, { code: 'ENOTFOUND' });
    expect(diagnose(evidence).rule).toBe('challenge-waits');
  });
});

describe('what the gateway answers', () => {
  const answers: readonly {
    what: string;
    rule: string;
    surroundings?: Partial<Surroundings>;
    stage: (evidence: Evidence) => void;
  }[] = [
    {
      what: 'an application that answers every path with 200 is not the solver',
      rule: 'application-answers',
      stage(evidence) {
        challengeRequest(evidence, { status: 200 });
        says(
          evidence,
          waitingReason('did not get expected response when querying endpoint, expected "a.b" but got: <html>'),
        );
      },
    },
    {
      what: "an application's own 503 is not the solver's",
      rule: 'application-answers',
      stage: (evidence) => challengeRequest(evidence, { status: 503 }),
    },
    {
      what: 'an application that answered before the gateway had the route, which it has now',
      rule: 'challenge-waits',
      stage(evidence) {
        challengeRequest(evidence, { status: 404 });
        addRoutes(evidence, 'exact CHALLENGE', 'prefix /');
      },
    },
    {
      what: 'an Ingress without a class is served where Istio takes those of no class',
      rule: 'challenge-waits',
      surroundings: { mesh: { ...mesh, ingressControllerMode: 'DEFAULT' } },
      stage(evidence) {
        put(recorded(evidence, 'Ingress'), ['spec', 'ingressClassName'], undefined);
        put(recorded(evidence, 'Ingress'), ['status'], undefined);
      },
    },
    {
      what: 'a self-check that got an answer of the gateway before its route came',
      rule: 'self-check-passes',
      stage(evidence) {
        bornMinutesAgo(evidence, 2, 'Ingress');
        challengeRequest(evidence, { status: 404 });
        outsideGets(evidence, 200);
      },
    },
    {
      what: 'a direct response is not a missing route',
      rule: 'gateway-refuses',
      stage: (evidence) =>
        challengeRequest(evidence, {
          status: 404,
          responseFlags: '-',
          responseCodeDetails: 'direct_response',
          upstreamCluster: null,
        }),
    },
    {
      what: 'a refused connection to port 443, after a redirect, says nothing about port 80',
      rule: 'challenge-waits',
      stage: (evidence) => says(evidence, waitingReason('dial tcp 198.51.100.7:443: connect: connection refused')),
    },
    {
      what: 'a 503 for a solver of which nothing says yet that it is Ready passes',
      rule: 'challenge-waits',
      stage: (evidence) =>
        challengeRequest(evidence, {
          status: 503,
          responseFlags: 'UH',
          upstreamCluster: `outbound|8089||${solverService}`,
        }),
    },
    {
      what: 'a DestinationRule of a namespace that Istio does not read is not the reason',
      rule: 'solver-unreachable',
      stage(evidence) {
        readySolver(evidence);
        addObject(evidence, {
          apiVersion: 'networking.istio.io/v1',
          kind: 'DestinationRule',
          metadata: { namespace: 'elsewhere', name: 'all', uid: 'all-uid' },
          spec: { host: '*.local', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } },
        });
        challengeRequest(evidence, {
          status: 503,
          responseFlags: 'UF',
          upstreamCluster: `outbound|8089||${solverService}`,
        });
      },
    },
    {
      what: 'a refused self-check of a gateway that has begun to listen, and has no route yet, says nothing of the inside',
      rule: 'challenge-waits',
      stage(evidence) {
        says(evidence, refused);
        bornMinutesAgo(evidence, 2);
        outsideGets(evidence, 404);
      },
    },
    {
      what: 'a refused self-check is of before where the Challenge is new and outside reaches the solver',
      rule: 'self-check-passes',
      stage(evidence) {
        says(evidence, refused);
        bornMinutesAgo(evidence, 0);
        outsideGets(evidence, 200);
      },
    },
    {
      what: 'a 404 from before the gateway had the new route passes',
      rule: 'challenge-waits',
      stage(evidence) {
        challengeRequest(evidence, { status: 404, responseFlags: 'NR', upstreamCluster: null });
        const at = Date.parse(evidence.accessLog.at(-1)?.at ?? '');
        put(recorded(evidence, 'Ingress'), ['metadata', 'creationTimestamp'], new Date(at - 2_000).toISOString());
      },
    },
    {
      what: 'a 503 from before the gateway knew of the new solver Pod passes',
      rule: 'challenge-waits',
      stage(evidence) {
        challengeRequest(evidence, {
          status: 503,
          responseFlags: 'UH',
          upstreamCluster: `outbound|8089||${solverService}`,
        });
        const at = evidence.accessLog.at(-1)?.at ?? '';
        put(
          recorded(evidence, 'Pod'),
          ['status', 'conditions'],
          [{ type: 'Ready', status: 'True', lastTransitionTime: new Date(Date.parse(at) - 2_000).toISOString() }],
        );
      },
    },
    {
      what: 'a solver Ingress of the controller that the host leads to is right',
      rule: 'challenge-waits',
      stage(evidence) {
        put(recorded(evidence, 'IngressClass'), ['spec', 'controller'], 'k8s.io/ingress-nginx');
        put(recorded(evidence, 'Ingress'), ['status'], { loadBalancer: { ingress: [{ ip: fixtureAddress }] } });
      },
    },
  ];
  test.for(answers)('$what', async ({ rule, surroundings, stage }) => {
    const evidence = await waitingEvidence();
    stage(evidence);
    const diagnosis = diagnose({ ...evidence, surroundings: { ...noSurroundings, ...surroundings } });
    expect(diagnosis.rule, diagnosis.verdict).toBe(rule);
  });
});

function gatewayHas(evidence: Evidence, ...ingress: readonly ({ ip: string } | { hostname: string })[]): void {
  const { namespace, name } = evidence.subject.gateway;
  const service = evidence.objects.find(
    (each) => each.kind === 'Service' && each.namespace === namespace && each.name === name,
  );
  if (service === undefined) throw new Error('the gateway has no Service');
  put(service, ['status', 'loadBalancer', 'ingress'], [...ingress]);
}

/** The time of a Challenge's birth, before the latest look. */
function bornMinutesAgo(evidence: Evidence, minutes: number, kind = 'Challenge'): void {
  const now = Date.parse('2026-11-24T09:00:30Z');
  put(recorded(evidence, kind), ['metadata', 'creationTimestamp'], new Date(now - minutes * 60_000).toISOString());
}

/** The routes of Envoy for the host, in its order, by their matches. */
function addRoutes(evidence: Evidence, ...matches: readonly string[]): void {
  const token = text(recorded(evidence, 'Challenge').states[0]?.object, 'spec', 'token');
  evidence.gatewayConfigs = [
    {
      ...{ pod: 'istio-system/gateway', at: '2026-11-24T09:00:30.000Z', listeners: [], secrets: [] },
      routes: matches.map((match) => ({
        ...{ routeConfig: 'http.8080', domain: evidence.subject.host, target: 'outbound|1||a' },
        match: match.replace('CHALLENGE', `/.well-known/acme-challenge/${token}`),
      })),
    },
  ];
}

/** What a client outside gets for the path of the Challenge; with status 200, the key authorization. */
function outsideGets(evidence: Evidence, status: number): void {
  const token = text(recorded(evidence, 'Challenge').states[0]?.object, 'spec', 'token');
  evidence.probes.push({
    ...{ kind: 'http', name: probeNames.diagnosisChallengePath, at: '2026-11-24T09:00:30.000Z', durationMs: 2 },
    ...{ method: 'GET', url: `http://${evidence.subject.host}/.well-known/acme-challenge/${token}` },
    ...{ address: fixtureAddress, trust: 'none' },
    outcome: { httpVersion: '1.1', status, headers: {}, body: status === 200 ? `${token}.thumbprint` : '' },
  } as Evidence['probes'][number]);
}

/** A Gateway that redirects the host, and a request that met it. */
function redirectChallenge(evidence: Evidence): void {
  addObject(evidence, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { namespace: 'default', name: 'redirecting', uid: 'redirecting-uid' },
    spec: {
      servers: [{ port: { number: 80 }, hosts: [`*/${evidence.subject.host}`], tls: { httpsRedirect: true } }],
    },
  });
  challengeRequest(evidence, { status: 301, responseCodeDetails: 'direct_response', upstreamCluster: null });
}

test('a control plane and a gateway whose probes failed a moment ago are not blamed', async () => {
  const evidence = await waitingEvidence();
  for (const part of ['controller', 'webhook', 'istiod'] as const) stoppedDeployment(evidence, part, 1);
  const conditions = (type: string) => [{ type, status: 'False', lastTransitionTime: '2026-11-24T09:00:20Z' }];
  gatewayPods(evidence, { phase: 'Running', conditions: conditions('Ready') });
  for (const each of evidence.objects.filter(({ kind }) => kind === 'Deployment'))
    put(each, ['status', 'conditions'], conditions('Available'));
  expect(
    diagnose({ ...evidence, surroundings: noSurroundings }).links?.filter(({ state }) => state === 'broken'),
  ).toEqual([]);
});

test('a gateway is not blamed for a route that does not exist yet', async () => {
  const evidence = await waitingEvidence();
  forget(evidence, 'Ingress');
  challengeRequest(evidence, {
    ...{ status: 404, responseFlags: 'NR', responseCodeDetails: 'route_not_found', upstreamCluster: null },
  });
  expect(diagnose(evidence).links?.find(({ link }) => link === 'gateway')?.state).not.toBe('broken');
});
