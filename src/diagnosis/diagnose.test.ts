import { describe, expect, test } from 'vitest';
import {
  answered,
  forget,
  goodEvidence,
  put,
  recorded,
  recordedTlsProbe,
  secretFacts,
} from '../checks/evidence-fixture.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { field } from '../issuance/recorded-object.ts';
import { allRules, diagnose } from './diagnose.ts';
import {
  addAaaa,
  addDns,
  addObject,
  challengeRequest,
  fixtureAddress,
  issuerSays,
  says,
  waitingEvidence,
  waitingReason,
} from './situation-fixture.ts';

interface Case {
  readonly rule: string;
  readonly what: string;
  readonly base?: () => Promise<Evidence>;
  /** Makes the evidence such that the rule must speak. */
  stage(evidence: Evidence): void;
  readonly verdict: RegExp;
}

const solverService = 'cm-acme-http-solver-v7mt0.istio-system.svc.cluster.local';

function tlsGateway(evidence: Evidence, credentialName: string): void {
  addObject(evidence, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: { namespace: 'default', name: 'httpbin-https', uid: 'gateway-uid' },
    spec: {
      servers: [{ port: { number: 443 }, hosts: [evidence.subject.host], tls: { mode: 'SIMPLE', credentialName } }],
    },
  });
}

function tlsEndsIn(evidence: Evidence, error: string): void {
  evidence.probes = evidence.probes.filter(({ kind }) => kind !== 'tls');
  evidence.probes.push({
    kind: 'tls',
    name: 'tls-trusted',
    at: '2026-11-24T09:00:30.000Z',
    durationMs: 2,
    address: fixtureAddress,
    port: 443,
    serverName: evidence.subject.host,
    trust: 'ca-roots',
    outcome: { error, code: 'ECONNRESET' },
  });
}

function orderSays(evidence: Evidence, state: string, reason: string): void {
  const last = recorded(evidence, 'Order').states.at(-1);
  if (last === undefined) throw new Error('the Order has no state');
  last.object.status = { state, reason };
}

/** An issued Certificate whose renewal goes on, or has failed. */
function renewing(evidence: Evidence): void {
  const certificate = recorded(evidence, 'Certificate');
  put(certificate, ['status', 'notAfter'], '2026-12-24T09:00:00Z');
  put(
    certificate,
    ['status', 'conditions'],
    [
      { type: 'Ready', status: 'True', reason: 'Ready', message: 'Certificate is up to date and has not expired' },
      { type: 'Issuing', status: 'True', reason: 'Renewing', message: 'Renewing certificate as renewal was scheduled' },
    ],
  );
}

function renewalFailed(evidence: Evidence): void {
  const certificate = recorded(evidence, 'Certificate');
  put(certificate, ['status', 'lastFailureTime'], '2026-11-24T09:10:00Z');
  put(
    certificate,
    ['status', 'conditions'],
    [
      { type: 'Ready', status: 'True', reason: 'Ready', message: 'Certificate is up to date and has not expired' },
      { type: 'Issuing', status: 'False', reason: 'Failed', message: 'The certificate request has failed to complete' },
    ],
  );
}

function gatewayHas(evidence: Evidence, ...ingress: readonly ({ ip: string } | { hostname: string })[]): void {
  const { namespace, name } = evidence.subject.gateway;
  const service = evidence.objects.find(
    (each) => each.kind === 'Service' && each.namespace === namespace && each.name === name,
  );
  if (service === undefined) throw new Error('the gateway has no Service');
  put(service, ['status', 'loadBalancer', 'ingress'], [...ingress]);
}

/** Messages are those that cert-manager 1.21.2, Istio 1.31 and Pebble 2.10.1 gave. */
const cases: readonly Case[] = [
  {
    rule: 'issuer-missing',
    what: 'no Issuer of that name',
    stage: (evidence) => forget(evidence, 'Issuer'),
    verdict: /names Issuer istio-system\/letsencrypt-prod-issuer, which does not exist/,
  },
  ...(
    [
      [
        'eab-required',
        "403 urn:ietf:params:acme:error:externalAccountRequired: ACME server policy requires newAccount requests must include a value for the 'externalAccountBinding' field",
        /demands external account binding/,
      ],
      [
        'eab-unknown-key-id',
        "403 urn:ietf:params:acme:error:unauthorized: the field 'kid' references a key that is not known to the ACME server",
        /does not know the external account key ID 'none'/,
      ],
      [
        'eab-bad-encoding',
        'failed to decode external account binding key data: illegal base64 data at input byte 0',
        /is not base64url/,
      ],
      ['eab-secret-missing', 'secrets "eab" not found', /with the external account key does not exist/],
      [
        'eab-wrong-key',
        '403 urn:ietf:params:acme:error:unauthorized: external account binding JWS verification error: go-jose/go-jose: error in cryptographic primitive',
        /is not the one that the CA has/,
      ],
      [
        'ca-not-trusted',
        'Get "https://ca/dir": tls: failed to verify certificate: x509: certificate signed by unknown authority',
        /does not trust the TLS certificate of the CA's own server/,
      ],
      [
        'ca-not-reachable',
        'Get "https://ca/dir": dial tcp: lookup ca on 10.96.0.10:53: no such host',
        /cannot reach the CA/,
      ],
      ['issuer-not-ready', 'something that nobody foresaw', /is not Ready \(ErrRegisterACMEAccount\)/],
    ] as const
  ).map(
    ([rule, message, verdict]): Case => ({
      rule,
      what: message.slice(0, 60),
      stage(evidence) {
        issuerSays(evidence, `Failed to register ACME account: ${message}`);
        if (rule === 'eab-secret-missing') {
          put(recorded(evidence, 'Issuer'), ['spec', 'acme', 'externalAccountBinding'], {
            keySecretRef: { name: 'eab' },
          });
        }
      },
      verdict,
    }),
  ),
  {
    rule: 'two-certificates-one-secret',
    what: 'another Certificate with the same secretName',
    stage(evidence) {
      addObject(evidence, {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: { namespace: 'istio-system', name: 'first', uid: 'first-uid' },
        spec: { secretName: evidence.subject.secret.name },
      });
    },
    verdict: /cannot become Ready: Certificate istio-system\/first writes the same Secret/,
  },
  {
    rule: 'request-denied',
    what: 'an approver said no',
    stage: (evidence) =>
      put(
        recorded(evidence, 'CertificateRequest'),
        ['status', 'conditions'],
        [
          {
            type: 'Denied',
            status: 'True',
            reason: 'policy.cert-manager.io',
            message: 'No policy approved this request',
          },
        ],
      ),
    verdict: /was denied/,
  },
  {
    rule: 'rate-limited',
    what: 'the CA has a limit',
    stage: (evidence) =>
      orderSays(
        evidence,
        'errored',
        'Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: too many certificates',
      ),
    verdict: /rate limit/,
  },
  {
    rule: 'validation-failed',
    what: 'the CA did not get the answer',
    stage(evidence) {
      const last = recorded(evidence, 'Challenge').states.at(-1);
      if (last)
        last.object.status = {
          state: 'invalid',
          reason:
            'Error accepting authorization: acme: authorization error for a.test: 403 urn:ietf:params:acme:error:unauthorized',
        };
    },
    verdict: /did not get the right answer: Error accepting authorization/,
  },
  {
    rule: 'order-failed',
    what: 'the Order errored',
    stage: (evidence) =>
      orderSays(evidence, 'errored', 'Failed to finalize Order: 500 urn:ietf:params:acme:error:serverInternal'),
    verdict: /The Order ended errored: Failed to finalize Order/,
  },
  {
    rule: 'renewal-failed',
    what: 'with nothing left of it but the Certificate',
    base: goodEvidence,
    stage: (evidence) => renewalFailed(evidence),
    verdict: /^The renewal of .* failed at 2026-11-24T09:10:00Z; the previous certificate is still in use/,
  },
  {
    rule: 'order-waits',
    what: 'between Challenge and Secret',
    stage(evidence) {
      forget(evidence, 'Challenge');
      orderSays(evidence, 'ready', '');
    },
    verdict: /being finalized/,
  },
  {
    rule: 'request-waits',
    what: 'right at the beginning',
    stage(evidence) {
      forget(evidence, 'Challenge');
      forget(evidence, 'Order');
    },
    verdict: /has no Order yet/,
  },
  {
    rule: 'challenge-hangs-on-deletion',
    what: 'a finalizer that cannot be cleared',
    stage: (evidence) =>
      put(recorded(evidence, 'Challenge'), ['metadata', 'deletionTimestamp'], '2026-11-24T09:00:20Z'),
    verdict: /its finalizer cannot complete/,
  },
  {
    rule: 'dns01-wrong-key',
    what: 'BADSIG',
    stage(evidence) {
      put(recorded(evidence, 'Challenge'), ['spec', 'type'], 'DNS-01');
      put(recorded(evidence, 'Challenge'), ['spec', 'solver'], {
        dns01: { rfc2136: { nameserver: '198.51.100.53:53', tsigKeyName: 'acme' } },
      });
      says(evidence, 'DNS update failed: dns: bad authentication');
    },
    verdict:
      /the name server 198\.51\.100\.53:53 refuses the update because the signature by the TSIG key 'acme' is wrong/,
  },
  {
    rule: 'dns01-not-presented',
    what: 'another complaint of the provider',
    stage(evidence) {
      put(recorded(evidence, 'Challenge'), ['spec', 'type'], 'DNS-01');
      put(recorded(evidence, 'Challenge'), ['status', 'presented'], false);
      says(evidence, 'DNS update failed: server replied: SERVFAIL');
    },
    verdict: /cannot be presented: DNS update failed: server replied: SERVFAIL/,
  },
  {
    rule: 'solver-not-created',
    what: 'a quota',
    stage(evidence) {
      forget(evidence, 'Pod');
      says(
        evidence,
        'pods "cm-acme-http-solver-v7mt0" is forbidden: exceeded quota: no-pods, requested: pods=1, used: pods=0, limited: pods=0',
      );
    },
    verdict: /cannot be created: pods "cm-acme-http-solver-v7mt0" is forbidden: exceeded quota/,
  },
  {
    rule: 'solver-starting',
    what: 'a container that is being made',
    stage: startingSolver,
    verdict: / is starting \(ContainerCreating\)\.$/,
  },
  {
    rule: 'solver-not-ready',
    what: 'an image that cannot be pulled',
    stage: (evidence) =>
      put(recorded(evidence, 'Pod'), ['status'], {
        phase: 'Pending',
        containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image' } } }],
      }),
    verdict: /is not ready: Pod \S+ ImagePullBackOff: Back-off pulling image/,
  },
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
    rule: 'solver-unreachable',
    what: '503 without such a rule',
    stage: (evidence) =>
      challengeRequest(evidence, {
        status: 503,
        responseFlags: 'UH',
        upstreamCluster: `outbound|8089||${solverService}`,
      }),
    verdict: /cannot reach it \(503 UH/,
  },
  {
    rule: 'application-answers',
    what: "the application's 404",
    stage: (evidence) => challengeRequest(evidence, { status: 404 }),
    verdict: /to outbound\|8000\|\|httpbin\.default\.svc\.cluster\.local instead of the solver; the answer is 404/,
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
  {
    rule: 'secret-in-other-namespace',
    what: "the Gateway's namespace has none",
    base: goodEvidence,
    stage(evidence) {
      evidence.subject.gateway = { namespace: 'ingress', name: 'gateway' };
      tlsGateway(evidence, evidence.subject.secret.name);
      tlsEndsIn(evidence, 'read ECONNRESET');
    },
    verdict:
      /uses Secret ingress\/istio-ingressgateway-certs, but the certificate is in istio-system\/istio-ingressgateway-certs/,
  },
  {
    rule: 'credential-missing',
    what: 'a name that no Secret has',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, 'no-such-secret');
      tlsEndsIn(evidence, 'read ECONNRESET');
    },
    verdict: /uses Secret istio-system\/no-such-secret, which does not exist/,
  },
  {
    rule: 'no-tls-server',
    what: 'only port 80',
    base: goodEvidence,
    stage(evidence) {
      forget(evidence, 'Gateway');
      tlsEndsIn(evidence, 'connect ECONNREFUSED');
    },
    verdict: /no Gateway serves \S+ over TLS/,
  },
  {
    rule: 'not-served',
    what: 'a Gateway, a Secret, and no answer',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, evidence.subject.secret.name);
      tlsEndsIn(evidence, 'read ECONNRESET');
    },
    verdict: /does not answer over TLS: read ECONNRESET/,
  },
  {
    rule: 'another-certificate-served',
    what: 'an older one',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, evidence.subject.secret.name);
      const [leaf] = secretFacts(evidence).certificates;
      if (leaf) leaf.fingerprintSha256 = '00'.repeat(32);
    },
    verdict: /serves another certificate/,
  },
  {
    rule: 'ends-at-another-root',
    what: 'clients of another CA',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, evidence.subject.secret.name);
      evidence.ca.roots = [evidence.ca.foreignRoot];
      Object.assign(answered(recordedTlsProbe(evidence, 'tls-trusted')), {
        authorized: false,
        authorizationError: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      });
    },
    verdict: /does not end at a root that the client trusts/,
  },
  {
    rule: 'refused-by-clients',
    what: 'the right root, and another complaint',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, evidence.subject.secret.name);
      Object.assign(answered(recordedTlsProbe(evidence, 'tls-trusted')), {
        authorized: false,
        authorizationError: 'CERT_HAS_EXPIRED',
      });
    },
    verdict: /clients refuse it: CERT_HAS_EXPIRED/,
  },
  {
    rule: 'served',
    what: 'the good evidence',
    base: goodEvidence,
    stage: (evidence) => tlsGateway(evidence, evidence.subject.secret.name),
    verdict:
      /^Nothing is wrong: .* is issued and served at \S+, and its chain ends at a root that the client trusts\.$/,
  },
  {
    rule: 'issued',
    what: 'nobody looked at the host',
    base: goodEvidence,
    stage(evidence) {
      tlsGateway(evidence, evidence.subject.secret.name);
      evidence.probes = [];
    },
    verdict: /could not be checked/,
  },
];

describe('each rule speaks for its own fault', () => {
  test.for(cases)('$rule: $what', async ({ rule, base = waitingEvidence, stage, verdict }) => {
    const evidence = await base();
    stage(evidence);
    const diagnosis = diagnose(evidence);
    expect(diagnosis.rule, diagnosis.verdict).toBe(rule);
    expect(diagnosis.verdict).toMatch(verdict);
  });

  test('every rule is seen speaking', () => {
    expect(allRules.map(({ id }) => id).filter((id) => cases.every(({ rule }) => rule !== id))).toEqual([]);
  });

  test('no two rules have one id', () => {
    expect(new Set(allRules.map(({ id }) => id)).size).toBe(allRules.length);
  });
});

describe('it does not guess', () => {
  test('where nothing fits it says so', async () => {
    const evidence = await waitingEvidence();
    evidence.objects = [];
    expect(diagnose(evidence)).toMatchObject({ rule: 'unknown', remedy: null });
  });

  test('what could not be seen is said with every verdict', async () => {
    const evidence = await waitingEvidence();
    evidence.problems = ['The log of Pod a/b could not be read.'];
    expect(diagnose(evidence).unseen).toEqual(evidence.problems);
  });

  test('a class that could not be looked for is not missing', async () => {
    const evidence = await waitingEvidence();
    forget(evidence, 'IngressClass');
    put(recorded(evidence, 'Ingress'), ['status'], undefined);
    evidence.problems = ['Could not list IngressClass (networking.k8s.io/v1): forbidden.'];
    expect(diagnose(evidence).rule).not.toBe('missing-ingress-class');
  });

  test('a gateway behind another load balancer is no fault where the way works', async () => {
    const evidence = await waitingEvidence();
    addDns(evidence, ['203.0.113.9']);
    challengeRequest(evidence, { status: 200, upstreamCluster: `outbound|8089||${solverService}` });
    expect(diagnose(evidence).rule).toBe('self-check-passes');
  });
});

describe('a renewal is told from an issuance, and both from what is well', () => {
  test('a Challenge that waits is told while the certificate from before is still Ready', async () => {
    const evidence = await waitingEvidence();
    renewing(evidence);
    challengeRequest(evidence, {
      status: 404,
      responseFlags: 'NR',
      responseCodeDetails: 'route_not_found',
      upstreamCluster: null,
    });
    const { rule, verdict } = diagnose(evidence);
    expect(rule).toBe('no-route');
    expect(verdict).toMatch(
      /^Certificate \S+ is being renewed \(the present one is valid until 2026-12-24T09:00:00Z\): the Challenge waits for its self-check: /,
    );
  });

  test('an Order that ended is why a renewal failed', async () => {
    const evidence = await waitingEvidence();
    renewalFailed(evidence);
    orderSays(evidence, 'errored', 'Failed to finalize Order: 500 urn:ietf:params:acme:error:serverInternal');
    const { rule, verdict } = diagnose(evidence);
    expect(rule).toBe('order-failed');
    expect(verdict).toMatch(
      /^The renewal of Certificate \S+ failed \(the present certificate is still in use\): the Order ended errored/,
    );
  });

  test('the newest attempt counts, whatever the order of a list', async () => {
    const evidence = await waitingEvidence();
    const born = (kind: string, time: string) => put(recorded(evidence, kind), ['metadata', 'creationTimestamp'], time);
    born('CertificateRequest', '2026-11-24T09:00:01Z');
    born('Order', '2026-11-24T09:00:01Z');
    const order = recorded(evidence, 'Order');
    const old = structuredClone(order);
    old.uid = 'old-order';
    old.name = `${order.name}-old`;
    put(old, ['metadata', 'uid'], 'old-order');
    put(old, ['metadata', 'creationTimestamp'], '2026-11-24T08:00:00Z');
    put(old, ['status'], { state: 'errored', reason: 'an earlier failure' });
    evidence.objects.push(old);
    expect(diagnose(evidence).rule).toBe('challenge-waits');
  });
});

describe('a host with several names', () => {
  test('the Challenge for the host that was looked at speaks', async () => {
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

  test('self-checks that come through it show that the address is no fault', async () => {
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

  test('a name that cert-manager resolved is not said to have no address', async () => {
    const evidence = await waitingEvidence();
    addDns(evidence, { code: 'ENOTFOUND' });
    expect(diagnose(evidence).rule).toBe('challenge-waits');
  });
});

describe('what the gateway answers', () => {
  const faults: readonly { what: string; rule: string; stage: (evidence: Evidence) => void }[] = [
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
      what: 'a direct response is not a missing route',
      rule: 'challenge-waits',
      stage: (evidence) =>
        challengeRequest(evidence, {
          status: 404,
          responseFlags: '-',
          responseCodeDetails: 'direct_response',
          upstreamCluster: null,
        }),
    },
    {
      what: 'a refusal on port 443, after a redirect, is none on port 80',
      rule: 'challenge-waits',
      stage: (evidence) => says(evidence, waitingReason('dial tcp 198.51.100.7:443: connect: connection refused')),
    },
    {
      what: 'a DestinationRule of a namespace that Istio does not look into is not the reason',
      rule: 'solver-unreachable',
      stage(evidence) {
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
      what: 'a solver Ingress of the controller that the host leads to is well',
      rule: 'challenge-waits',
      stage(evidence) {
        put(recorded(evidence, 'IngressClass'), ['spec', 'controller'], 'k8s.io/ingress-nginx');
        put(recorded(evidence, 'Ingress'), ['status'], { loadBalancer: { ingress: [{ ip: fixtureAddress }] } });
      },
    },
  ];
  test.for(faults)('$what', async ({ rule, stage }) => {
    const evidence = await waitingEvidence();
    stage(evidence);
    const diagnosis = diagnose(evidence);
    expect(diagnosis.rule, diagnosis.verdict).toBe(rule);
  });
});

describe('issuers and solvers', () => {
  test('one that the user may not get is not missing', async () => {
    const evidence = await waitingEvidence();
    forget(evidence, 'Issuer');
    evidence.problems = ['Could not get Issuer istio-system/x: the API server says: forbidden (403 Forbidden).'];
    expect(diagnose(evidence).rule).toBe('challenge-waits');
  });

  test('one of another group is not missing', async () => {
    const evidence = await waitingEvidence();
    forget(evidence, 'Issuer');
    forget(evidence, 'Challenge');
    forget(evidence, 'Order');
    put(recorded(evidence, 'Certificate'), ['spec', 'issuerRef'], {
      group: 'awspca.cert-manager.io',
      kind: 'AWSPCAClusterIssuer',
      name: 'pca',
    });
    expect(diagnose(evidence)).toMatchObject({
      rule: 'request-waits',
      verdict: expect.stringMatching(/ waits for AWSPCAClusterIssuer \S+, which is not an ACME issuer\.$/),
    });
  });

  test('one without ACME has no account', async () => {
    const evidence = await waitingEvidence();
    put(recorded(evidence, 'Issuer'), ['spec'], { ca: { secretName: 'root' } });
    issuerSays(evidence, 'Error getting keypair for CA issuer: secrets "root" not found', 'ErrGetKeyPair');
    expect(diagnose(evidence)).toMatchObject({
      rule: 'issuer-not-ready',
      verdict: expect.stringMatching(/^The issuance does not begin: /),
    });
  });

  test('an expired certificate of the CA is not cured by a caBundle', async () => {
    const evidence = await waitingEvidence();
    issuerSays(evidence, 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid');
    expect(diagnose(evidence)).toMatchObject({
      rule: 'ca-not-trusted',
      remedy: expect.not.stringContaining('caBundle'),
    });
  });

  test('a redirect shows before the solver is ready, and goes on showing while it starts', async () => {
    const evidence = await waitingEvidence();
    startingSolver(evidence);
    redirectChallenge(evidence);
    expect(diagnose(evidence).rule).toBe('redirect-same-host');
  });

  test('a server that is not responsible for the zone does not complain of the key', async () => {
    const evidence = await waitingEvidence();
    put(recorded(evidence, 'Challenge'), ['spec', 'type'], 'DNS-01');
    put(recorded(evidence, 'Challenge'), ['spec', 'solver'], {
      dns01: { rfc2136: { nameserver: '198.51.100.53:53' } },
    });
    put(recorded(evidence, 'Challenge'), ['status', 'presented'], false);
    says(evidence, 'DNS update failed: server replied: NOTAUTH');
    expect(diagnose(evidence).rule).toBe('dns01-not-presented');
  });

  test('a refusal of another Pod in the log is not that of the solver', async () => {
    const evidence = await waitingEvidence();
    forget(evidence, 'Pod');
    evidence.logs = [
      { source: 'cert-manager/controller', lines: ['pods "other" is forbidden: exceeded quota, key="a/other"'] },
    ];
    expect(diagnose(evidence).rule).toBe('challenge-waits');
  });
});

describe('serving', () => {
  test('a gateway that passes TLS through has no Secret to name', async () => {
    const evidence = await goodEvidence();
    forget(evidence, 'Gateway');
    addObject(evidence, {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { namespace: 'default', name: 'through', uid: 'through-uid' },
      spec: { servers: [{ port: { number: 443 }, hosts: ['*'], tls: { mode: 'PASSTHROUGH' } }] },
    });
    tlsEndsIn(evidence, 'read ECONNRESET');
    expect(diagnose(evidence).rule).toBe('not-served');
  });

  test('Secrets that the user may not get are not missing', async () => {
    const evidence = await goodEvidence();
    tlsGateway(evidence, 'may-be-there');
    tlsEndsIn(evidence, 'read ECONNRESET');
    evidence.problems = [
      'Could not get Secret istio-system/may-be-there: the API server says: forbidden (403 Forbidden).',
    ];
    expect(diagnose(evidence).rule).toBe('not-served');
  });

  test('a Secret that a second gateway looks for elsewhere is no fault while the host serves it', async () => {
    const evidence = await goodEvidence();
    evidence.subject.gateway = { namespace: 'ingress', name: 'gateway' };
    tlsGateway(evidence, evidence.subject.secret.name);
    expect(diagnose(evidence).rule).toBe('served');
  });
});

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

function startingSolver(evidence: Evidence): void {
  put(recorded(evidence, 'Pod'), ['status'], {
    phase: 'Pending',
    containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }],
  });
}
